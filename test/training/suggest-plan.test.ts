import { describe, expect, it } from 'vitest';
import { loadSpec, parseSpec } from '../../src-main/training/spec.ts';
import type { NetworkStudySpecInput } from '../../src-main/training/spec.ts';
import { largestPlan, suggestPlan } from '../../src-main/training/suggest-plan.ts';
import { RecordingTrial } from './helpers/recording-trial.ts';

const sizes = {
  task: 'classification',
  nFeatures: 4,
  nOutputs: 3,
  classes: [
    { name: 'setosa', nTrainRows: 10 },
    { name: 'versicolor', nTrainRows: 20 },
    { name: 'virginica', nTrainRows: 30 },
  ],
} as const;

function specWith(
  network: NetworkStudySpecInput['network'],
  training: Partial<NetworkStudySpecInput['training']> = {},
) {
  return parseSpec({
    name: 'x',
    data: {
      table: 'iris',
      task: 'classification',
      target: 'species',
      split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
    },
    network,
    training: { optimizer: { type: 'sgd', learningRate: 0.1 }, epochs: 5, ...training },
  });
}

describe('suggestPlan', () => {
  it("asks for the notebook's parameters in the notebook's order", async () => {
    const trial = new RecordingTrial({ params: { n_layers: 3 } });
    await suggestPlan(trial, loadSpec('iris').spec, sizes);
    expect(Object.entries(trial.distributions)).toEqual([
      ['n_layers', { type: 'int', low: 1, high: 3, log: false, step: 1 }],
      ...[0, 1, 2].map((layer) => [
        `hidden_dim_layer_${layer}`,
        { type: 'categorical', choices: [32, 64, 128, 256] },
      ]),
      ['weight_decay', { type: 'float', low: 1e-5, high: 1e-2, log: true, step: null }],
      ['learning_rate', { type: 'float', low: 1e-5, high: 1e-1, log: true, step: null }],
      ['dropout_rate', { type: 'float', low: 0, high: 0.5, log: false, step: null }],
    ]);
  });

  it('builds what was suggested', async () => {
    const params = {
      n_layers: 2,
      hidden_dim_layer_0: 64,
      hidden_dim_layer_1: 32,
      weight_decay: 1e-4,
      learning_rate: 1e-3,
      dropout_rate: 0.25,
    };
    const plan = await suggestPlan(new RecordingTrial({ params }), loadSpec('iris').spec, sizes);
    expect(plan.network).toEqual({
      nInputs: 4,
      embeddings: [],
      convolution: null,
      nOutputs: 3,
      init: 'pytorch',
      layers: [
        {
          nUnits: 64,
          norm: 'none',
          activation: 'relu',
          dropout: 0.25,
          skip: 'none',
          init: 'pytorch',
        },
        {
          nUnits: 32,
          norm: 'none',
          activation: 'relu',
          dropout: 0.25,
          skip: 'none',
          init: 'pytorch',
        },
      ],
    });
    expect(plan.training).toMatchObject({
      batchSize: 16,
      epochs: 100,
      loss: { type: 'crossEntropy' },
      optimizer: {
        type: 'adam',
        learningRate: 1e-3,
        weightDecay: 1e-4,
        beta2: 0.999,
        epsilon: 1e-8,
      },
      earlyStopping: { metric: 'accuracy', patience: 15, minDelta: 0 },
    });
  });

  it('asks for nothing that is fixed', async () => {
    const trial = new RecordingTrial();
    const plan = await suggestPlan(trial, specWith({ width: [8, 4] }), sizes);
    expect(trial.params).toEqual({});
    expect(plan.network.layers.map(({ nUnits }) => nUnits)).toEqual([8, 4]);
  });

  it('asks for L1, the limit of gradients and the start of weights where they are open', async () => {
    const trial = new RecordingTrial({ params: { l1: 1e-3, clip_norm: 5, init: 'orthogonal' } });
    const optimizer = {
      type: 'adam',
      learningRate: 0.1,
      l1: { float: [1e-6, 1e-2], log: true },
      clipNorm: { choices: [0, 1, 5] },
    };
    const network = { width: [8], init: { choices: ['pytorch', 'orthogonal'] } };
    const spec = specWith(network as NetworkStudySpecInput['network'], { optimizer } as never);
    const plan = await suggestPlan(trial, spec, sizes);
    expect(Object.keys(trial.params)).toEqual(['init', 'l1', 'clip_norm']);
    expect(plan.training.optimizer).toMatchObject({ l1: 1e-3, clipNorm: 5 });
    expect(plan.network.init).toBe('orthogonal');
  });

  it('asks for everything about early stopping that is open, last', async () => {
    const earlyStopping = {
      patience: { int: [5, 20] as [number, number] },
      minDelta: { float: [0, 0.01] as [number, number] },
    };
    const trial = new RecordingTrial({ params: { patience: 7, min_delta: 0.002 } });
    const plan = await suggestPlan(trial, specWith({ width: [8] }, { earlyStopping }), sizes);
    expect(Object.keys(trial.params)).toEqual(['patience', 'min_delta']);
    expect(plan.training.earlyStopping).toEqual({
      metric: 'accuracy',
      patience: 7,
      minDelta: 0.002,
    });
  });

  it('asks for norms and the start of weights layer by layer where they are lists', async () => {
    const trial = new RecordingTrial({
      params: { norm_layer_0: 'batch', norm_layer_1: 'layer', init_layer_1: 'heNormal' },
    });
    const network = {
      width: [8, 4],
      norm: [{ choices: ['none', 'batch'] }, { choices: ['none', 'layer'] }],
      init: ['orthogonal', { choices: ['pytorch', 'heNormal'] }],
    };
    const spec = specWith(network as NetworkStudySpecInput['network']);
    const plan = await suggestPlan(trial, spec, sizes);
    expect(Object.keys(trial.params)).toEqual(['init_layer_1', 'norm_layer_0', 'norm_layer_1']);
    expect(plan.network).toMatchObject({
      layers: [
        { norm: 'batch', init: 'orthogonal' },
        { norm: 'layer', init: 'heNormal' },
      ],
      init: 'heNormal',
    });
  });

  it('lets inputs skip all layers but the first, through a projection where widths differ', async () => {
    const skip = { choices: ['none' as const, 'residual' as const] };
    const network = { depth: { int: [1, 3] as [number, number] }, width: [8, 8, 4], skip };
    const trial = new RecordingTrial({ params: { n_layers: 3, skip: 'residual' } });
    const plan = await suggestPlan(trial, specWith(network), sizes);
    expect(plan.network.layers.map((layer) => layer.skip)).toEqual([
      'none',
      'identity',
      'projection',
    ]);
    const shallow = new RecordingTrial({ params: { n_layers: 1 } });
    await suggestPlan(shallow, specWith(network), sizes);
    expect(Object.keys(shallow.params)).toEqual(['n_layers']);
  });

  it('asks for embeddings where there are categories, and is sparing with dims', async () => {
    const network = {
      width: [8],
      embedding: { choices: ['none' as const, 'rule' as const, 'dims' as const] },
      embeddingDims: { int: [2, 16] as [number, number] },
    };
    const categories = [
      { column: 'city', start: 0, size: 3 },
      { column: 'street', start: 4, size: 120 },
    ];
    const dimsFor = async (params: Record<string, string | number>): Promise<number[]> => {
      const trial = new RecordingTrial({ params });
      const plan = await suggestPlan(trial, specWith(network), {
        ...sizes,
        nFeatures: 124,
        categories,
      });
      expect(trial.params).toEqual(params);
      return plan.network.embeddings.map(({ nDims }) => nDims);
    };
    expect(await dimsFor({ embedding: 'none' })).toEqual([]);
    expect(await dimsFor({ embedding: 'rule' })).toEqual([2, 50]);
    expect(await dimsFor({ embedding: 'dims', embedding_dims: 16 })).toEqual([3, 16]);
    const without = new RecordingTrial();
    expect((await suggestPlan(without, specWith(network), sizes)).network.embeddings).toEqual([]);
    expect(without.params).toEqual({});
  });

  it('asks for convolutions first, and pools no more than there is', async () => {
    const network = {
      type: 'conv2d' as const,
      image: { height: 4, width: 6 },
      conv: {
        depth: { int: [1, 3] as [number, number] },
        filters: { choices: [4, 8] },
        kernel: [5, 3, 3],
        pool: 3,
        norm: 'batch' as const,
        init: 'heNormal' as const,
      },
      width: [{ int: [8, 16] as [number, number] }],
    };
    const trial = new RecordingTrial({ params: { n_conv_layers: 2 } });
    const plan = await suggestPlan(trial, specWith(network), { ...sizes, nFeatures: 24 });
    expect(Object.keys(trial.params)).toEqual([
      'n_conv_layers',
      'conv_filters_layer_0',
      'conv_filters_layer_1',
      'hidden_dim_layer_0',
    ]);
    expect(plan.network.convolution).toEqual({
      image: { height: 4, width: 6, channels: 1 },
      layers: [
        { kernelHeight: 5, kernelWidth: 5, poolHeight: 3, poolWidth: 3 },
        { kernelHeight: 3, kernelWidth: 3, poolHeight: 1, poolWidth: 2 },
      ].map((block, i) => ({
        ...block,
        nFilters: trial.params[`conv_filters_layer_${i}`],
        norm: 'batch',
        activation: 'relu',
        dropout: 0,
        init: 'heNormal',
      })),
    });
    const sequence = { ...network, type: 'conv1d' as const, image: { width: 24 } };
    const long = await suggestPlan(trial, specWith(sequence), { ...sizes, nFeatures: 24 });
    expect(long.network.convolution?.layers).toMatchObject([
      { kernelHeight: 1, kernelWidth: 5, poolHeight: 1, poolWidth: 3 },
      { kernelHeight: 1, kernelWidth: 3, poolHeight: 1, poolWidth: 3 },
    ]);
  });

  it('refuses images that the features do not fill', async () => {
    const network = {
      type: 'conv2d' as const,
      image: { height: 4, width: 6 },
      conv: { filters: [4] },
      width: [8],
    };
    await expect(
      suggestPlan(new RecordingTrial(), specWith(network), { ...sizes, nFeatures: 25 }),
    ).rejects.toThrow(
      'must have height * width * channels = 25, the number of features that the table gives, but got 4 * 6 * 1 = 24.',
    );
  });

  it('asks once for a name without {layer} and per layer for one with it', async () => {
    const trial = new RecordingTrial();
    const network = {
      depth: 2,
      width: { name: 'width', int: [4, 8] as [number, number] },
      dropout: { name: 'drop_{layer}', float: [0, 0.5] as [number, number] },
    };
    const plan = await suggestPlan(trial, specWith(network), sizes);
    expect(Object.keys(trial.params)).toEqual(['width', 'drop_0', 'drop_1']);
    expect(plan.network.layers[0]?.nUnits).toBe(plan.network.layers[1]?.nUnits);
  });

  it('names the entries of a list by their layer', async () => {
    const trial = new RecordingTrial();
    const network = {
      width: [8, 8],
      activation: [{ choices: ['relu', 'elu'] }, { choices: ['tanh', 'gelu'] }],
    };
    await suggestPlan(trial, specWith(network as NetworkStudySpecInput['network']), sizes);
    expect(Object.keys(trial.params)).toEqual(['activation_layer_0', 'activation_layer_1']);
  });

  it('asks for one width where the shape makes the others of it', async () => {
    const network = {
      depth: 3,
      width: { choices: [32, 64] },
      shape: { choices: ['free', 'constant', 'pyramid', 'hourglass'] },
    } as NetworkStudySpecInput['network'];
    const widths = async (shape: string) => {
      const trial = new RecordingTrial({ params: { shape, hidden_dim_layer_0: 64 } });
      const plan = await suggestPlan(trial, specWith(network), sizes);
      const nAsked = Object.keys(trial.params).filter((name) => name !== 'shape').length;
      return [nAsked, ...plan.network.layers.map(({ nUnits }) => nUnits)];
    };
    expect(await widths('hourglass')).toEqual([1, 64, 32, 64]);
    expect(await widths('pyramid')).toEqual([1, 64, 23, 8]);
    expect((await widths('free'))[0]).toBe(3);
  });

  it('asks only for settings that the chosen optimizer has', async () => {
    const spec = specWith(
      { width: [8] },
      {
        optimizer: {
          type: { choices: ['sgd', 'adam'] },
          learningRate: 0.1,
          momentum: { float: [0, 0.9] },
          beta1: { float: [0.8, 0.99] },
        },
      },
    );
    const names = async (optimizer: string) => {
      const trial = new RecordingTrial({ params: { optimizer } });
      await suggestPlan(trial, spec, sizes);
      return Object.keys(trial.params);
    };
    expect(await names('sgd')).toEqual(['optimizer', 'momentum']);
    expect(await names('adam')).toEqual(['optimizer', 'beta1']);
  });
});

describe('the schedule', () => {
  it('asks only for settings that it has', async () => {
    const space = { float: [0.1, 0.9] };
    const schedule = {
      type: { choices: ['constant', 'step', 'exponential', 'cosine', 'plateau'] },
      every: { int: [5, 20] },
      factor: space,
      decay: space,
      minShare: space,
      patience: { int: [2, 9] },
      warmupEpochs: { int: [0, 5] },
    } as NetworkStudySpecInput['training']['schedule'];
    const spec = specWith({ width: [8] }, { schedule });
    const asked = async (type: string) => {
      const trial = new RecordingTrial({ params: { schedule: type } });
      await suggestPlan(trial, spec, sizes);
      return Object.keys(trial.params).slice(1, -1);
    };
    expect(await asked('constant')).toEqual([]);
    expect(await asked('step')).toEqual(['schedule_every', 'schedule_factor']);
    expect(await asked('exponential')).toEqual(['schedule_decay']);
    expect(await asked('cosine')).toEqual(['schedule_min_share']);
    expect(await asked('plateau')).toEqual([
      'schedule_factor',
      'schedule_min_share',
      'schedule_patience',
    ]);
  });
});

describe('the loss', () => {
  const lossOf = async (loss: NetworkStudySpecInput['training']['loss'], params = {}) => {
    const trial = new RecordingTrial({ params });
    const plan = await suggestPlan(trial, specWith({ width: [8] }, { loss }), sizes);
    return { loss: plan.training.loss, asked: Object.keys(trial.params) };
  };

  it('weighs classes by their training rows, by name, or not at all', async () => {
    const type = 'crossEntropy';
    expect((await lossOf({ type })).loss.classWeights).toBeNull();
    // sklearn.utils.class_weight.compute_class_weight('balanced', ...): 60 / (3 * rows of the class).
    expect((await lossOf({ type, classWeights: 'balanced' })).loss.classWeights).toEqual([
      2,
      1,
      60 / 90,
    ]);
    const given = { type, classWeights: { virginica: 4, setosa: 0.5 } } as const;
    expect((await lossOf(given)).loss.classWeights).toEqual([0.5, 1, 4]);
    const space = { type, classWeights: { choices: ['none', 'balanced'] } } as const;
    const tuned = await lossOf(structuredClone(space) as never, { class_weights: 'none' });
    expect(tuned).toMatchObject({ loss: { classWeights: null }, asked: ['class_weights'] });
  });

  it('asks only for settings that it has', async () => {
    const loss = {
      type: { choices: ['crossEntropy', 'focal'] },
      gamma: { float: [0, 4] },
      labelSmoothing: { float: [0, 0.3] },
    } as NetworkStudySpecInput['training']['loss'];
    expect((await lossOf(loss, { loss: 'crossEntropy' })).asked).toEqual([
      'loss',
      'label_smoothing',
    ]);
    const { asked, loss: plan } = await lossOf(loss, { loss: 'focal', focal_gamma: 3 });
    expect(asked).toEqual(['loss', 'focal_gamma', 'label_smoothing']);
    expect(plan).toMatchObject({ type: 'focal', gamma: 3 });
  });
});

describe('largestPlan', () => {
  it('takes the largest of everything', async () => {
    const { network } = await largestPlan(loadSpec('iris').spec, sizes);
    expect(network.layers.map(({ nUnits }) => nUnits)).toEqual([256, 256, 256]);
  });
});
