export const objectives = [];
