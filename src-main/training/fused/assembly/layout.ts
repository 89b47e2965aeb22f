/**
 * Numbers that the WebAssembly module and its TypeScript front must agree on. Plain constants without
 * imports: AssemblyScript and TypeScript both compile this file.
 *
 * Matrices live in column panels: eight neighbouring columns of all rows, then the next eight. A panel of
 * activations is [rows][8]; a panel of weights is [inputs padded to 4, then the bias row][8]. The last panel
 * of weights is only four columns wide when at most four columns are left. All padding is zero and stays so.
 */
export const PANEL = 8;

export const ACTIVATION_LINEAR = 0;
export const ACTIVATION_RELU = 1;
export const ACTIVATION_LEAKY_RELU = 2;
export const ACTIVATION_ELU = 3;
export const ACTIVATION_GELU = 4;
export const ACTIVATION_SELU = 5;
export const ACTIVATION_SWISH = 6;
export const ACTIVATION_TANH = 7;

export const LOSS_CROSS_ENTROPY = 0;
export const LOSS_FOCAL = 1;
export const LOSS_MSE = 2;
export const LOSS_MAE = 3;
export const LOSS_HUBER = 4;

export const OPTIMIZER_SGD = 0;
export const OPTIMIZER_ADAM = 1;
export const OPTIMIZER_ADAMW = 2;
export const OPTIMIZER_RMSPROP = 3;
export const OPTIMIZER_ADAGRAD = 4;
export const OPTIMIZER_NADAM = 5;

/** Byte offsets inside one layer record; every field is 4 bytes. */
export const LAYER_INPUTS_PADDED = 0;
export const LAYER_OUTPUTS = 4;
export const LAYER_ACTIVATION = 8;
/** Dropout: a unit stays when the top 24 bits of its hash are at least this; 0 keeps all. */
export const LAYER_DROPOUT_THRESHOLD = 12;
/** Dropout: float32 factor of the units that stay. */
export const LAYER_DROPOUT_SCALE = 16;
export const LAYER_WEIGHTS = 20;
export const LAYER_ACTIVATIONS = 24;
/** Derivative of the activation times the dropout factor. */
export const LAYER_SLOPES = 28;
export const LAYER_RECORD_BYTES = 32;

/** Byte offsets inside a data set record. */
export const SET_FEATURES = 0;
export const SET_FEATURE_STRIDE = 4;
export const SET_TARGETS = 8;
/** Address of float32 row weights, or 0. */
export const SET_ROW_WEIGHTS = 12;
export const SET_RECORD_BYTES = 16;

/** Float64 results that `trainEpoch` and `evaluate` leave behind, in this order. */
export const RESULT_LOSS = 0;
export const RESULT_CORRECT = 1;
export const RESULT_SQUARED_ERROR = 2;
export const RESULT_ABSOLUTE_ERROR = 3;
export const RESULT_COUNT = 4;

/** Rows that go through the network at once; a longer batch sums the gradients of several such blocks. */
export const BLOCK_ROWS = 128;

/** Rows of a weight panel whose gradient is made and used before the next ones. */
export const CHUNK_ROWS = 256;
