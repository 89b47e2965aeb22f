/** Fails unless its parameter is 0; every trial of it says that it is there. */
export async function objective(trial) {
  const x = await trial.suggestInt('x', 0, 2);
  console.log(`x is ${x}`);
  if (x > 0) throw new Error(`no ${x}`);
  return 1;
}
