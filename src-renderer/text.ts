/** All English text of the window, so that it can be translated in one place. */
import type { ModelChoice, ModelJob, TrainingRows } from '../src-main/contract/models.ts';
import type { RunState } from '../src-main/contract/runs.ts';
import type { StudyDirection } from '../src-main/tuner/study/direction.ts';
import type { TrialState } from '../src-main/tuner/trial/frozen-trial.ts';
import { capitalize, formatCount } from './format.ts';
import type { PruningFacts } from './trials/pruning-sentences.ts';

const plural = (n: number, one: string, many = `${one}s`): string =>
  `${formatCount(n)} ${n === 1 ? one : many}`;

/** "Log loss" as "log loss"; abbreviations stay. */
const midSentence = (title: string): string =>
  title.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());

/** "trial 3", or "12 trials". */
const theTrials = (numbers: readonly number[]): string =>
  numbers.length === 1 ? `trial ${numbers[0]}` : plural(numbers.length, 'trial');
/** The same at the beginning of a sentence. */
const trialsNamed = (numbers: readonly number[]): string => capitalize(theTrials(numbers));

const states: Readonly<Record<TrialState, string>> = {
  complete: 'Complete',
  pruned: 'Pruned',
  fail: 'Failed',
  running: 'Running',
  waiting: 'Waiting',
};

const runStates: Readonly<Record<RunState, string>> = {
  starting: 'Starting',
  running: 'Running',
  pausing: 'Pausing',
  stopping: 'Stopping',
  paused: 'Paused',
  finished: 'Finished',
  failed: 'Failed',
};

const directions: Readonly<Record<StudyDirection, string>> = {
  minimize: 'minimize',
  maximize: 'maximize',
};

const errorsByCode: Readonly<Record<string, string>> = {
  LIBRARY_EXISTS: 'That folder has a library already.',
  RUN_ACTIVE: 'This study is running. Stop it first.',
  NO_SPEC:
    'This study was not made by Parzen, so there is nothing here to run. It can be shown and exported.',
};

const modelJobs: Readonly<Record<ModelJob['kind'], { name: string; unit: string }>> = {
  retrain: { name: 'Training again', unit: 'network' },
  repeat: { name: 'Running the best again', unit: 'network' },
  test: { name: 'Testing', unit: 'step' },
  predict: { name: 'Predicting', unit: 'row' },
};

const trainedOn: Readonly<Record<TrainingRows, string>> = {
  train: 'Training rows',
  trainAndValidation: 'Training and validation rows',
};

function limitOf({ limit, percentile, nOthers }: Omit<PruningFacts, 'step' | 'own'>): string {
  const there = `${plural(nOthers, 'complete trial')} there`;
  return percentile === 50
    ? `the median of ${there}, ${limit}`
    : `${limit}, the limit of the best ${percentile} % of ${there}`;
}

function rungMates({
  nOthers,
  isInBracket,
}: Pick<PruningFacts, 'nOthers' | 'isInBracket'>): string {
  return `${plural(nOthers, 'other trial')} ${isInBracket ? 'of its bracket ' : ''}that got as far`;
}

/** Of many only the first. */
function trialsAgain(numbers: readonly number[]): string {
  if (numbers.length === 1) return `Trial ${numbers[0]}`;
  if (numbers.length <= 6) return `Trials ${numbers.join(', ')}`;
  return `Trials ${numbers.slice(0, 5).join(', ')} and ${numbers.length - 5} more`;
}

export const text = {
  appName: 'Parzen',
  states,
  runStates,
  directions,
  errors: {
    byCode: errorsByCode,
    copyDetails: 'Copy details',
    copied: 'Copied',
    retry: 'Try again',
    lost: 'Not connected to Parzen, trying again. What you see may be out of date; if Parzen has ended, start it again.',
    workerDown: (reason: string) =>
      `The part of the window that computes what charts and tables show stopped${reason ? ` (${reason})` : ''}. It is started anew.`,
  },
  common: {
    cancel: 'Cancel',
    close: 'Close',
    open: 'Open',
    save: 'Save',
    copy: 'Copy',
    invisibleName: '(a name that cannot be seen)',
    more: 'More',
    remove: 'Remove',
    loading: 'Loading…',
    none: 'none',
    auto: 'auto',
    less: 'Less',
    greater: 'More',
  },
  ago: {
    now: 'just now',
    minutes: (n: number) => `${n} min ago`,
    hours: (n: number) => `${n} h ago`,
    days: (n: number) => `${plural(n, 'day')} ago`,
  },
  ownObjective: {
    open: 'Own objective…',
    title: 'Tune your own program',
    welcome:
      'A JavaScript or TypeScript module, a Python script, a simulator: anything that gives a number.',
    action: 'Choose it…',
    about:
      'A module exports objective(trial) and returns a number. For a command, such as a Python script, write a study spec that names it and its parameters.',
    path: 'Module (.js, .ts) or study spec (.yaml, .json)',
    placeholder: '/path/to/objective.ts',
    choose: 'Choose…',
    fromSpec: 'The spec says what is run, what is tuned and when it ends.',
    direction: 'Goal',
    trials: 'Trials',
    create: 'Create study',
    give: 'Run here…',
    giveTitle: 'Go on with this study here',
    giveAbout:
      'This study knows no objective that could be run here. Name a module that exports objective(trial), or a spec that names a command: further trials run it, the present ones stay.',
    giveAction: 'Use this objective',
  },
  trust: {
    title: 'Run the program of this study?',
    aboutModule:
      'Each trial of this study runs the module below. It can do whatever a program on this machine can.',
    aboutCommand:
      'Each trial of this study runs the command below. It can do whatever a program on this machine can.',
    changed: 'The module is not the one that you agreed to before.',
    command: 'Program and arguments',
    module: 'Module',
    folder: 'Folder',
    sha256: 'SHA-256',
    advice:
      'If the study came from somebody else, look at it first. Parzen remembers your answer on this machine.',
    run: 'Run it',
  },
  changedTable: {
    title: 'The table has changed',
    about:
      'This study was created with another version of its table. Values of trials before and after cannot be compared.',
    table: 'Table',
    rows: 'Rows',
    rowsNow: (now: number, before: number | null) =>
      before === null || before === now
        ? `${formatCount(now)}, but other cells`
        : `${formatCount(now)}, before ${formatCount(before)}`,
    gone: 'Columns gone',
    added: 'New columns',
    advice: 'Put the old table back, or create a new study, to compare like with like.',
    goOn: 'Go on with it',
  },
  undo: {
    action: 'Undo',
    hint: 'Undo (Ctrl+Z)',
    undone: (label: string) => `Undone: ${label}`,
  },
  nav: {
    label: 'Main',
    library: 'Library',
    openStudies: 'Open studies',
    noOpenStudies: 'Studies you open stay here.',
    closeStudy: (name: string) => `Close ${name}`,
    slim: 'Make the navigation slim',
    wide: 'Make the navigation wide',
    skip: 'Skip to content',
    theme: { system: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' },
    commands: 'Commands',
    settings: 'Settings',
  },
  library: {
    title: 'Library',
    search: 'Search studies',
    openFile: 'Open file…',
    newIris: 'Start the iris study',
    newStudy: 'New study',
    csvTitle: 'New study from a CSV',
    csvText: 'Tune a network on a table of your own, step by step and without code.',
    csvAction: 'Choose a table…',
    count: (shown: number, all: number) =>
      shown === all
        ? plural(all, 'study', 'studies')
        : `${shown} of ${plural(all, 'study', 'studies')}`,
    columns: {
      name: 'Study',
      direction: 'Direction',
      best: 'Best value',
      trials: 'Trials',
      progress: 'Best so far',
      activity: 'Last activity',
    },
    noMatch: (query: string) => `No study matches “${query}”.`,
    emptyTitle: 'No studies yet',
    emptyText:
      'A study is a search for good hyperparameters: many trials, each a network trained with other settings. Studies are kept in Optuna’s own SQLite files.',
    irisTitle: 'Tune the iris network',
    irisText:
      '50 trials of a small neural network that tells three species of iris apart. Takes a few seconds.',
    irisAction: 'Create the study',
    openTitle: 'Open an Optuna file',
    openText:
      'Any SQLite file that Optuna 3.0 or later wrote. It is watched live, and stays readable by Optuna.',
    openAction: 'Choose a file…',
    recent: 'Recent files',
    tied: (n: number) => `${plural(n, 'trial')} share it`,
    noBest: 'none yet',
    noFeasible: 'none feasible yet',
    front: (n: number) => `${formatCount(n)} on the front`,
    /** In the order of the best values beside them. */
    shortDirections: { minimize: 'min', maximize: 'max' } satisfies Record<StudyDirection, string>,
    allObjectives: (direction: string, n: number) => `${formatCount(n)} × ${direction}`,
    objective: (direction: string, title: string, best: string) =>
      `${direction} ${title}: best ${best}`,
    listTitle: 'Studies',
    filesTitle: 'Open files',
    readOnly: 'read-only',
    closeFile: 'Close this file',
    running: (n: number) => `${n} running`,
    chooseStudy: (name: string) => `Choose ${name}`,
    compareAction: 'Compare',
    rename: 'Rename…',
    duplicate: 'Duplicate…',
    copyInto: 'Into',
    copyHere: 'the same file',
    copyElsewhere: 'another file, new or not…',
    copyPath: 'Path of the SQLite file',
    copyChoose: 'Choose…',
    copyAction: 'Copy',
    copied: (name: string, file: string) => `“${name}” is in ${file} now.`,
    tags: 'Tags',
    tagsHint: 'Separated by commas.',
    sharedTags: (n: number) =>
      `Separated by commas. Shown are those that all ${formatCount(n)} have; their others stay.`,
    filterByTag: 'Filter by tag',
    chosen: (n: number) => `${formatCount(n)} chosen`,
    clearChosen: 'Choose none',
    chooseAll: 'Choose all',
    chosenBar: 'Chosen studies',
    deleted: (name: string | null, n: number, nTrials: number) =>
      `${name === null ? plural(n, 'study', 'studies') : `“${name}”`} with ${plural(nTrials, 'trial')} deleted`,
    cannotDeleteRunning: (name: string) => `“${name}” is running. Stop it first.`,
    editTags: 'Tags…',
    delete: 'Delete',
    clone: 'Clone into a new study…',
    copyName: (name: string) => `${name} (copy)`,
    actions: (name: string) => `Actions for ${name}`,
    newName: 'New name',
    ago: 'never',
  },
  openFile: {
    title: 'Open an Optuna file',
    label: 'Path of the SQLite file',
    placeholder: '/home/me/studies/example.db',
    migrateTitle: 'This file is from an older Optuna',
    migrateText:
      'To be opened here its tables must be brought to the current schema. A backup is made beside it first. Older versions of Optuna will not open it afterwards.',
    migrateAction: 'Make a backup and migrate',
  },
  study: {
    tabs: {
      overview: 'Overview',
      trials: 'Trials',
      analysis: 'Analysis',
      model: 'Model',
      setup: 'Setup',
    },
    tabsLabel: 'Parts of the study',
    idle: 'Idle',
    because: (reason: string) => `because ${reason}`,
    watching: 'Watching',
    viewOnly: 'View only',
    viewOnlyHint:
      'This study has no Parzen spec: it can be watched, analysed and exported. To run it from here, give it an objective.',
    notFound: 'This study is not here any more.',
    notShown: 'This study cannot be shown.',
    notFoundText: 'It was deleted, or its file was closed.',
    backToLibrary: 'Back to the library',
    run: 'Run',
    resume: 'Resume',
    readOnly: 'Its file cannot be written, so it cannot go on here',
    pause: 'Pause',
    pauseHint: 'Start no further trial; those running end',
    stop: 'Stop',
    stopHint: 'Put the running trials back into the queue and end',
    moreTrials: 'More trials',
    moreTrialsBy: 'Trials to add',
    moreTrialsTotal: (n: number) => `${plural(n, 'trial')} in total`,
    jobs: 'Parallel',
    jobsHint: 'Trials that run at the same time',
    epochsSavedHint: 'By pruning, of all that the trials might have trained',
    keptBackendHint: 'This study began with it, and goes on with it',
    reusedHint: 'Trials of this run that took the value of one with the same parameters',
    export: 'Export CSV',
    exported: (path: string) => `Saved to ${path}`,
    figures: {
      trials: 'Trials',
      goal: 'Goal',
      best: 'Best value',
      front: 'Pareto front',
      pruned: 'Pruned',
      failed: 'Failed',
      infeasible: 'Infeasible',
      running: 'Running',
      waiting: 'Waiting',
      rate: 'Rate',
      eta: 'Time left',
      epochsSaved: 'Epochs saved',
      reused: 'Not run again',
      backend: 'Backend',
    },
    ofTarget: (n: number) => `of ${formatCount(n)}`,
    trialLink: (number: number) => `trial ${number}`,
    tied: (n: number) => `${plural(n, 'trial')} tied`,
    front: (n: number) => plural(n, 'trial'),
    noBest: 'no complete trial yet',
    noFeasible: 'no feasible trial yet',
  },
  reference: {
    title: 'Reference…',
    hint: 'The hypervolume is measured from this point. Trials that are not better in every objective add nothing. Where none is given, it lies a tenth beyond the worst values; outliers off the front are left out.',
    of: (objective: string) => `Reference of ${objective}`,
    reset: 'Beyond the worst values',
  },
  analysis: {
    pairs: 'Two parameters',
  },
  best: {
    title: 'Best trial',
    paretoTitle: 'Pareto front',
    ties: (n: number) => `${plural(n, 'trial')} share the best value`,
    tiesHint:
      'The first of them is shown. On a small validation set values move in steps, so ties are common.',
    showTies: 'Show them',
    none: 'No complete trial yet.',
    noneRun: 'No trials yet. Run starts the first one.',
    noneFeasible: 'No feasible trial yet: every complete one violates a constraint.',
    onlyFront: 'Only these',
    onlyFrontHint: 'Show only the trials of the Pareto front, in all charts and the table',
  },
  trial: {
    title: (number: number) => `Trial ${number}`,
    missing: (number: number) => `The study has no trial with the number ${number}.`,
    previous: 'Previous trial',
    next: 'Next trial',
    curve: 'Curve',
    params: 'Parameters',
    queued: 'Queued with',
    queuedHint: 'The sampler chooses the other parameters',
    userAttrs: 'Attributes',
    times: 'Times',
    systemAttrs: (n: number) => plural(n, 'system attribute'),
    select: 'Select',
    unselect: 'Unselect',
    enqueue: 'Run again',
    enqueueHint: 'Queue a trial with the same parameters; its own number gives it another seed',
    enqueued: 'A trial with these parameters is in the queue.',
    prunedAt: (step: number, own: string) => `Pruned at step ${step}: its best report was ${own}.`,
    prunedMedian: (median: string, n: number) =>
      `The median of the ${plural(n, 'complete trial')} that came this far was ${median} there.`,
    prunedByHand: (step: number) => `Stopped by hand after step ${step}; it counts as pruned.`,
    prunedAlone: 'No complete trial had come this far.',
    prunerUnknown: 'Which pruner that was the file does not say, so its limit cannot be shown.',
    constraints: 'Constraints',
    constraintsHint: 'A trial is feasible when all of them are 0 or less',
    nthConstraint: (n: number) => `Constraint ${n}`,
    violated: 'violated',
    failed: 'Failed',
    failures: {
      exception: 'The objective threw an error',
      crash: 'The trial’s process crashed',
      timeout: 'The trial took too long',
      memory: 'The trial took too much memory',
      stopped: 'The trial was stopped',
    },
    failedUnknown: 'It failed; the study file does not say why.',
    output: 'Last output',
    copyJson: 'Copy JSON',
    runningSince: (step: number, value: string, elapsed: string) =>
      `step ${step}: ${value}, for ${elapsed}`,
  },
  pruning: {
    best: {
      cut: ({ step, own, ...rest }: PruningFacts) =>
        `Pruned at step ${step}: its best report, ${own}, was ${rest.isAbove ? 'above' : 'below'} ${limitOf(rest)}.`,
      kept: ({ step, own, ...rest }: PruningFacts) =>
        `Not pruned: at step ${step} its best report, ${own}, held against ${limitOf(rest)}.`,
      nan: (step: number) => `Pruned at step ${step}: all of its reports were NaN.`,
    },
    rung: {
      cut: ({ step, own, limit, isAbove, ...rest }: PruningFacts) =>
        `Pruned at step ${step}, rung ${rest.rung}: its report, ${own}, was ${isAbove ? 'above' : 'below'} ${limit}, the limit to go on beside ${rungMates(rest)}.`,
      kept: ({ step, own, limit, ...rest }: PruningFacts) =>
        `Not pruned: at step ${step}, rung ${rest.rung}, its report, ${own}, held against ${limit}, the limit to go on beside ${rungMates(rest)}.`,
      nan: (step: number) => `Pruned at step ${step}: its report was NaN.`,
    },
    bounds: {
      cut: ({ step, own, limit, isAbove }: PruningFacts) =>
        `Pruned at step ${step}: its report, ${own}, was ${isAbove ? 'above' : 'below'} ${limit}, a fixed bound.`,
      kept: ({ step, own }: PruningFacts) =>
        `Not pruned: its reports, the last ${own} at step ${step}, kept within the fixed bounds.`,
      nan: (step: number) => `Pruned at step ${step}: its report was NaN.`,
    },
    stall: {
      cut: ({ step, own, limit, isAbove }: PruningFacts) =>
        `Pruned at step ${step}: the best of its latest reports, ${own}, was ${isAbove ? 'above' : 'below'} ${limit}, the limit from those before.`,
      kept: ({ step, own, limit }: PruningFacts) =>
        `Not pruned: at step ${step} the best of its latest reports, ${own}, held against ${limit}, the limit from those before.`,
      nan: (step: number) => `Pruned at step ${step}: its report was NaN.`,
    },
    test: {
      cut: ({ step, own, limit, nOthers, otherTrial }: PruningFacts) =>
        `Pruned at step ${step}: worse than trial ${otherTrial}, the best by then, over the ${plural(nOthers, 'report')} in common (p = ${own}, below ${limit}).`,
      kept: ({ step, own, limit, nOthers, otherTrial }: PruningFacts) =>
        `Not pruned: at step ${step} the ${plural(nOthers, 'report')} in common with trial ${otherTrial}, the best by then, did not show it to be worse (p = ${own}, not below ${limit}).`,
    },
    never: "The study's pruner ends no trial.",
    byOthers: (step: number) =>
      `Pruned at step ${step}, though the study's pruner ends no trial: its objective or another program did.`,
    bracket: (index: number, count: number, firstStep: number) =>
      `It was in bracket ${index} of ${count}, counted from 0, whose first rung is at step ${firstStep}.`,
    bootstrap: (step: number) =>
      `Pruned at step ${step}: of the first trials that get there none goes on.`,
    unclear: (step: number) =>
      `Pruned at step ${step}. What was complete at that very moment was not recorded, so the limit cannot be told for certain.`,
    notCompared: {
      startup: (n: number) =>
        `${plural(n, 'report')} came while too few trials were complete (start-up).`,
      warmup: (n: number) => `${plural(n, 'report')} lay in the warm-up.`,
      few: (n: number) => `At ${plural(n, 'step')} too little was reported to compare with.`,
      patience: (n: number) => `At ${plural(n, 'step')} its patience had not run out.`,
      infinite: (n: number) =>
        `At ${plural(n, 'step')} reports were not all finite, which cannot be tested.`,
      average: (n: number) =>
        `At ${plural(n, 'step')} the test found it worse, but its mean was not.`,
    },
  },
  trialForm: {
    clone: 'Clone and edit…',
    cloneTitle: (number: number) => `Clone of trial ${number}`,
    new: 'New trial',
    newTitle: 'New trial',
    hint: 'What is left empty the sampler chooses. A parameter that the trial turns out not to have is ignored.',
    sampled: 'sampled',
    notANumber: 'Not a number',
    notWhole: 'Must be a whole number',
    outside: (space: string) => `Outside ${space}`,
    hasResult: 'It has been run elsewhere',
    enqueue: 'Put into the queue',
    add: 'Add as complete',
    added: (number: number) => `Trial ${number} was added.`,
  },
  trialEdits: {
    hide: 'Hide',
    hideHint: 'Leave out of charts, tables and best values; samplers go on to use it (H)',
    unhide: 'Show again',
    hidden: (numbers: readonly number[]) => `${trialsNamed(numbers)} hidden`,
    delete: 'Delete',
    deleteHint: 'Remove from the study, for samplers too (Delete)',
    deleted: (numbers: readonly number[]) => `${trialsNamed(numbers)} deleted`,
    runningStay: (n: number) => `${plural(n, 'running trial')} cannot be deleted.`,
    showHidden: (n: number) => `${formatCount(n)} hidden`,
    showHiddenHint: 'Show hidden trials too',
    isHidden: 'Hidden',
    tags: 'Tags',
    addTag: 'Add a tag…',
    tagSelected: 'Tag',
  },
  runLog: {
    title: 'Log',
    onlyWarnings: 'Warnings only',
    noWarnings: 'No warnings.',
  },
  endTrials: {
    stop: 'Stop…',
    stopHint: 'For a trial that is not worth its time; the run goes on',
    stopNamed: (numbers: readonly number[]) => `Stop ${theTrials(numbers)}…`,
    stopTitle: (numbers: readonly number[]) => `Stop ${theTrials(numbers)}?`,
    stopText: (n: number) =>
      `${n === 1 ? 'It counts' : 'Each counts'} as pruned with what it has reported, or else as failed. The run goes on. This cannot be taken back.`,
    stopAction: 'Stop',
    fail: 'Set to failed…',
    failHint: 'For a trial that its program has left behind',
    failNamed: (numbers: readonly number[]) => `Set ${theTrials(numbers)} to failed…`,
    failTitle: (numbers: readonly number[]) => `Set ${theTrials(numbers)} to failed?`,
    failText:
      'This cannot be taken back. A program that does run it still gets an error with its next report.',
    failAction: 'Set to failed',
  },
  notes: {
    title: 'Note',
    studyTitle: 'Notes',
    placeholder: 'What is worth remembering? Markdown; saved by itself.',
    edit: 'Edit',
    preview: 'Preview',
    previewKey: 'Esc',
    image: 'image',
    saving: 'Saving…',
    saved: 'Saved',
    unsaved: 'Not saved yet',
    conflict: 'Somebody else changed this note meanwhile.',
    takeTheirs: 'Take theirs',
    keepMine: 'Keep mine',
  },
  trials: {
    count: (shown: number, all: number) =>
      shown === all ? plural(all, 'trial') : `${formatCount(shown)} of ${plural(all, 'trial')}`,
    selected: (n: number) => `${formatCount(n)} selected`,
    selectionBar: 'Selected trials',
    clearSelection: 'Clear selection',
    filterPlaceholder: 'Filter, e.g. value > 0.9 and learning_rate < 1e-2',
    filterLabel: 'Filter by expression',
    filterApply: 'Enter',
    filterProblem: (message: string, at: number) => `${message} (Character ${at})`,
    columns: 'Columns',
    noneTitle: 'No trials yet',
    noneText: 'They appear here as they start.',
    noneRun: 'Run starts the first one.',
    noMatch: 'No trial passes the filters.',
    clearFilters: 'Clear filters',
    table: 'Trials',
    selectRow: (number: number) => `Select trial ${number}`,
    sortHint: 'Click to sort, Shift-click to sort by several',
    filterColumn: (title: string) => `Filter by ${title}`,
    containsText: 'Contains',
    from: 'From',
    to: 'To',
    fromSeconds: 'From (seconds)',
    toSeconds: 'To (seconds)',
    saveShown: 'Save these rows and columns as CSV',
    showAllColumns: 'Show all',
    resetColumns: 'As at first',
    moveHint: 'Drag, or Alt and an arrow, to move; with Shift to resize',
    reorderHint: 'Alt and an arrow to move',
    moveUp: (title: string) => `Move ${title} up`,
    moveDown: (title: string) => `Move ${title} down`,
    pin: (title: string) => `Keep ${title} in sight`,
  },
  views: {
    title: 'Views',
    hint: 'Filters, sorting and columns under a name',
    none: 'No view was saved yet.',
    ofAll: 'all studies',
    apply: (name: string) => `Show the view ${name}`,
    remove: (name: string) => `Delete the view ${name}`,
    name: 'Name of the view',
    namePlaceholder: 'Name',
    forAll: 'For all studies',
    save: 'Save this view',
    replace: 'Replace',
  },
  improvement: {
    title: 'Improvement left',
    unit: 'Improvement',
    improvement: 'Improvement',
    error: 'Not worth the wait',
    end: 'Would have ended',
    rule: 'Stop rule',
    rules: { 'regret-bound': 'Regret bound', emmr: 'Expected minimum model regret' },
    comparedWith: 'What is not worth the wait',
    errors: {
      median: 'First improvements',
      'cross-validation': 'Error of the folds',
    },
    action: 'Compute',
    hint: 'Press Compute: a model is fitted after every complete trial, or after 100 of them where there are more, which takes from seconds to minutes.',
    computing: 'Models are fitted…',
    progress: (nDone: number, nTotal: number) =>
      `${formatCount(nDone)} of ${formatCount(nTotal)} models`,
    noTrials: 'Improvement is estimated from complete trials, and there is none yet.',
    cannotTell:
      'A model needs a parameter that all complete trials have with the same range, and there is none. The stop rule “No improvement” does without a model.',
    severalObjectives: (n: number) =>
      `Improvement is estimated for one objective, and this study has ${formatCount(n)}. The hypervolume on the overview shows whether the Pareto front still grows.`,
    verdict: (rule: string, endsAfter: number | null, isSampled: boolean) =>
      endsAfter === null
        ? `${rule} would go on.`
        : `${rule} would have ended the study ${isSampled ? 'by' : 'after'} trial ${formatCount(endsAfter)}.`,
    sampled: (n: number, all: number) =>
      `After ${formatCount(n)} of ${plural(all, 'complete trial')}, evenly spread.`,
    newer: (n: number) => `Without ${plural(n, 'newer trial')}.`,
  },
  replay: {
    title: 'What if: another pruner',
    hint: 'Recorded curves are replayed: what would have been cut, what that saves, and whether it costs the best trial.',
    pruner: 'Pruner',
    action: 'Replay',
    saved: (reports: string, share: string, time: string, nCut: number) =>
      `It would have cut ${plural(nCut, 'trial')} and saved ${reports} reports (${share}), about ${time}.`,
    bestKept: 'The best value stays the same.',
    bestCut: (before: string, after: string) =>
      `It would have cut the best trial: the best value would be ${after} instead of ${before}.`,
    unknown: (n: number) =>
      `${plural(n, 'trial')} that were pruned would have gone on; nobody knows how they would have ended.`,
    select: 'Select the trials it cuts',
  },
  compareStudies: {
    title: (n: number) => `${plural(n, 'study', 'studies')} compared`,
    history: 'Best value so far',
    charts: 'Charts',
    settings: 'Settings that differ',
    same: 'Their settings are the same.',
    unknown: (names: readonly string[]) =>
      `The settings of ${names.join(', ')} are not known, as another program made ${names.length === 1 ? 'it' : 'them'}.`,
    split: 'Split',
    setting: (group: string, title: string) => `${group}: ${title}`,
    settingPart: (group: string, title: string, part: string) => `${group}: ${title} (${part})`,
    longList: (first: string, n: number) => `${first}, … (${formatCount(n)})`,
    best: 'Best value',
    trials: 'Finished trials',
    directions: 'These studies have other goals than the first one; their values are not compared:',
    point: (name: string, number: number, value: string) =>
      `${name}\nbest after trial ${number}: ${value}`,
    fronts: 'Pareto fronts',
    frontPoint: (name: string, number: number, values: readonly string[]) =>
      [`${name}, trial ${number}`, ...values].join('\n'),
    onFront: 'On the Pareto front',
    bestOf: (objective: string) => `Best ${objective}`,
    objective: 'Objective',
  },
  compare: {
    /** Trials that fit side by side. */
    max: 6,
    title: (n: number) => `${plural(n, 'trial')} compared`,
    onlyDifferences: 'Only what differs',
    action: 'Compare',
    hint: 'Select 2 to 6 trials',
  },
  model: {
    trainTitle: 'Train again',
    useTitle: 'Test and use',
    noSpecTitle: 'No network here',
    noSpec:
      'Another program made this study, so Parzen does not know its model. Its trials are under Trials.',
    noneTitle: 'No network yet',
    none: 'When trials end, the networks of the best ones are kept and shown here, to be trained again, tested and handed on.',
    programTitle: 'No network here',
    program:
      'A program of your own is the objective of this study, and keeps what it trains itself. Its trials are under Trials.',
    programLuck: 'What the best of them owe to luck can be found out here.',
    programNoTrials:
      'What the best trials owe to luck can be found out here when some are complete.',
    unreadable: (names: readonly string[]) =>
      `What the study keeps under ${names.join(', ')} cannot be read, so it is not shown here. It was left as it is.`,
    nowhere:
      'Networks are kept beside the study file; this study is in memory, or its file cannot be written.',
    network: 'Network',
    networkOf: (trialNumber: number, nWeights: string) =>
      `Of trial ${trialNumber}, ${nWeights} trained weights`,
    layer: 'Layer',
    layerKinds: {
      embedding: (column: string) => `Embedding of ${column}`,
      convolution: (window: string) => `Convolution ${window}`,
      hidden: (_: string) => 'Hidden',
      output: (_: string) => 'Output',
    },
    width: 'Width',
    settings: 'Settings',
    weights: 'Weights',
    norm: (name: string) => `${name} norm`,
    dropout: (rate: string) => `dropout ${rate}`,
    skip: 'skip connection',
    lossCurves: 'Loss while training',
    accuracyCurves: 'Accuracy while training',
    epoch: 'Epoch',
    loss: 'Loss',
    accuracy: 'Accuracy',
    trainRows: 'Training rows',
    validationRows: 'Validation rows',
    curvePoint: (name: string, epoch: number, value: string) => `${name}\nepoch ${epoch}: ${value}`,
    curvesSummary: (nEpochs: number) => `${plural(nEpochs, 'epoch')} of training.`,
    kept: 'Networks kept',
    keptHint: (limit: number, size: string) =>
      `Of the best ${formatCount(limit)} trials, beside the study file: ${size}`,
    size: 'Size',
    gone: 'deleted',
    retrained: 'Trained again',
    trainedOn: 'Rows to train on',
    rows: trainedOn,
    networks: 'Networks',
    epochs: 'Epochs',
    meanValue: 'Mean value',
    notMeasured: 'not measured',
    spread: (mean: string, deviation: string) => `${mean} ± ${deviation}`,
    clean: 'Delete unused files',
    noise: 'How sure is the best value?',
    noiseRows: (metric: string, value: string, nRows: number) =>
      `${metric} ${value}, measured on ${plural(nRows, 'validation row')}.`,
    noiseStep: (nRows: number, step: string) =>
      `On so many it moves in steps of 1/${formatCount(nRows)} = ${step}.`,
    noiseFront: (metric: string, nTrials: number) =>
      `The best ${metric} among the ${plural(nTrials, 'trial')} of the Pareto front; the other objectives are not looked at here.`,
    noiseInterval: (low: string, high: string, isOfFolds: boolean) =>
      `The true value lies between ${low} and ${high} in 95 of 100 cases${isOfFolds ? ', as far as the spread of the folds tells' : ''}, and the best of many trials is rather lucky than unlucky.`,
    noNoiseInterval: (metric: string) =>
      `How far this ${metric} may be off is not known, as its network is not kept or its rows do not tell: run the best again, or test.`,
    noiseTies: (trials: readonly number[], n: number) =>
      `${plural(n, 'trial')} share it: ${trials.join(', ')}${n > trials.length ? ' …' : '.'}`,
    inSearch: 'In the search',
    again: (nSeeds: number) => `Again, ${plural(nSeeds, 'seed')}`,
    repeat: 'Run the top 5 again with 5 seeds',
    repeatHint: 'Says what the best values owe to luck.',
    repeatFrontHint: (metric: string) =>
      `Says what the best values owe to luck. They are chosen from the Pareto front and ranked by ${metric} alone, the first objective.`,
    retrainTrial: 'Train',
    retrainWhich: 'Trial to train again',
    candidate: (trialNumber: number, values: readonly string[]) =>
      `trial ${trialNumber} (${values.join(', ')})`,
    candidatesTogether: (nTrials: number) => `the best ${nTrials} trials`,
    retrainOn: 'again on',
    retrainWith: 'with',
    retrainSeeds: (nSeeds: number) => (nSeeds === 1 ? 'seed each' : 'seeds each'),
    nSeeds: 'Number of seeds',
    retrain: 'Train again',
    retrainFront: (nTrials: number) =>
      `There is no one best: to choose from ${nTrials === 1 ? 'is the trial' : `are the ${plural(nTrials, 'trial')}`} of the Pareto front, by the first objective.`,
    retrainHint: (
      rows: TrainingRows,
      nTrials: number,
      nSeeds: number,
      nEpochs: number | null,
    ): string => {
      const nNetworks = nTrials * nSeeds;
      const kept =
        nNetworks === 1 ? 'The network is kept.' : 'The networks are kept and answer together.';
      if (rows === 'train')
        return nNetworks === 1
          ? `Its value on the validation rows is told. ${kept}`
          : `Mean and spread of their values on the validation rows say what is due to luck. ${kept}`;
      const lasts =
        nTrials > 1 || nEpochs === null
          ? 'as many epochs as were best for each trial in the search'
          : `exactly ${plural(nEpochs, 'epoch')}, as many as were best for this trial in the search`;
      return nEpochs === null
        ? 'The trial does not say how many epochs were best for it, and no validation rows would be left to stop early on. Train on the training rows only.'
        : `No validation rows are left to stop early on, or to measure a value with: training lasts ${lasts}. ${kept}`;
    },
    waits: 'This can be done when the run has ended.',
    which: 'Network to test and use',
    testOf: 'Test',
    testOn: (nRows: number | null) =>
      nRows === null ? 'on the test rows' : `on the ${plural(nRows, 'test row')}`,
    test: 'Test once',
    testAgain: 'Test again',
    testHint:
      'Do this at the end, once: tuning has never seen these rows, and only the first look at them is unbiased.',
    noTestRows:
      'The split of this study leaves no test rows. Predict a table of rows kept apart instead.',
    testedBefore: (nLooks: number) =>
      `The test rows have been looked at ${nLooks === 1 ? 'once' : `${nLooks} times`}: who chooses among several looks gets a score that is too good.`,
    handOn: 'Or hand this network on:',
    choice: (choice: ModelChoice): string =>
      choice.type === 'trial'
        ? `Network of trial ${choice.trialNumber}`
        : choice.type === 'ensemble'
          ? `The best ${choice.size} trials together`
          : 'Networks trained again, together',
    trialsAgain,
    trialsAgainAt: (trialNumbers: readonly number[], time: string) =>
      `${trialNumbers.length === 1 ? 'Trial' : 'Trials'} ${trialNumbers.join(', ')}: ${time}`,
    retrainedChoice: (trialNumbers: readonly number[], nNetworks: number, rows: TrainingRows) =>
      `${trialsAgain(trialNumbers)} again, ${plural(nNetworks, 'network')}, ${trainedOn[rows].toLowerCase()}`,
    job: ({ kind, state, nDone, nTotal, error }: ModelJob): string => {
      const what = modelJobs[kind];
      if (state === 'running')
        return nTotal === 0
          ? `${what.name}: reading the table`
          : `${what.name}: ${formatCount(nDone)} of ${plural(nTotal, what.unit)}`;
      if (state === 'failed') return `${what.name} failed: ${error?.message ?? ''}`;
      return state === 'cancelled' ? `${what.name}: cancelled, nothing was kept` : '';
    },
    saveAs: 'Save as…',
    formats: {
      node: 'Script for Node, without dependencies',
      pytorch: 'Script for Python with PyTorch',
      onnx: 'ONNX',
      tfjs: 'TensorFlow.js layers model',
      safetensors: 'safetensors',
    },
    predict: 'Predict a table…',
    predictHint:
      'Choose a CSV file with the columns of the features; the predictions are shown and can be saved',
    predictions: (nRows: number) => plural(nRows, 'prediction'),
    row: 'Row',
    firstRows: (n: number) => `The first ${formatCount(n)} are shown; the file has all of them.`,
    ownColumns: 'The file has the columns of your table first, then the predictions.',
    savePredictions: 'Save as CSV',
    secondLookTitle: 'The test rows have been looked at before',
    secondLookAction: 'Look again',
    testTitle: (nRows: number) => `Test on ${plural(nRows, 'row')} never seen before`,
    firstLook: 'The first look at these rows: the score is unbiased.',
    furtherLook: (n: number) =>
      `Look number ${n} at these rows: chosen among several, a score is too good.`,
    interval: (low: string, high: string) => `${low} to ${high} in 95 of 100 cases`,
    alone: (score: string, n: number) => `${score} of each of the ${n} alone`,
    aloneRange: (low: string, high: string) => (low === high ? low : `${low} to ${high}`),
    aloneMean: (mean: string) => `mean ${mean}`,
    scores: {
      accuracy: 'Accuracy',
      balancedAccuracy: 'Balanced accuracy',
      f1: 'F1',
      rocAuc: 'ROC AUC',
      logLoss: 'Log loss',
      rmse: 'RMSE',
      mae: 'MAE',
      mse: 'MSE',
      r2: 'R²',
    },
    confusion: 'Confusion',
    answer: 'Answer',
    actualClass: 'Class',
    confusionPoint: (n: number, actual: string, answer: string) =>
      `${plural(n, 'row')} of ${actual}\nanswered ${answer}`,
    confusionSummary: (nRows: number) => `${plural(nRows, 'row')} by class and answer.`,
    perClass: 'Classes',
    class: 'Class',
    precision: 'Precision',
    recall: 'Recall',
    support: 'Rows',
    roc: 'ROC',
    rocLegend: (name: string, area: string) => `${name} (${area})`,
    rocPoint: (name: string, hits: string, misses: string) =>
      `${name}\n${hits} found with ${misses} of the others`,
    rocSummary: 'Share of a class that is found, over the share of the others taken for it.',
    noRoc: 'All rows are of one class.',
    chance: 'By chance',
    falsePositives: 'Others taken for it',
    truePositives: 'Found',
    calibration: 'Calibration',
    perfect: 'As said',
    answers: 'Answers',
    confidence: 'Probability of the answer',
    shareRight: 'Share that is right',
    calibrationPoint: (n: number, confidence: string, right: string) =>
      `${plural(n, 'answer')} given with ${confidence}\n${right} are right`,
    calibrationSummary: (error: string) => `Calibration error ${error}.`,
    residuals: (target: string) => `Residuals of ${target}`,
    predicted: (target: string) => `Predicted ${target}`,
    actual: (target: string) => `Actual ${target}`,
    residual: 'Actual − predicted',
    residualPoint: (predicted: string, actual: string) =>
      `predicted ${predicted}\nactual ${actual}`,
    residualsSummary: (nRows: number) => `Errors of ${plural(nRows, 'row')}.`,
    importance: 'Importance of columns',
    importanceNote: (score: string) =>
      `How much worse the ${midSentence(score)} gets when a column's values change places among the rows`,
    importanceSummary: (column: string) => `${column} matters most to the network.`,
    noImportance: 'There are no columns.',
  },
  setup: {
    facts: 'Facts',
    study: 'Study',
    file: 'File',
    goal: 'Goal',
    seed: 'Seed',
    dataHash: 'Table (hash)',
    machine: 'System',
    machineOf: (platform: string, nCores: number) => `${platform}, ${plural(nCores, 'core')}`,
    created: 'Created',
    tags: 'Tags',
    backend: 'Backend',
    backendReason: 'Why this backend',
    app: 'Program',
    here: 'This machine',
    userAttrs: 'Study attributes',
    cli: 'In a terminal',
    python: 'In Python, with Optuna',
    spec: 'Spec',
    noSpec: 'This study has no Parzen spec: another program made it.',
  },
  settings: {
    title: 'Settings',
    appearance: 'Appearance',
    theme: 'Theme',
    themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
    library: 'Library',
    folder: 'Storage folder',
    folderHint: 'Where the library’s own study file is. Files you open stay where they are.',
    change: 'Change…',
    show: 'Show in folder',
    fixedFolder: 'Named when Parzen was started.',
    moveTitle: 'Move the library',
    moveLabel: 'Folder',
    moveText:
      'The study file is copied, opened there, and only then removed here. It stays the same SQLite file, which Optuna opens too.',
    moveAction: 'Move it',
    moved: (path: string) => `The library is now ${path}`,
    existsTitle: 'There is a library already',
    existsText:
      'Its studies can be used from now on. The present library stays where it is, and open.',
    existsAction: 'Use that one',
    runs: 'Running studies',
    jobs: 'Parallel trials',
    jobsHint: 'Of a study that names no number when it is started.',
    jobsBySpec: 'as its spec says',
    backend: 'Backend',
    backendHint:
      'What trains networks, in studies that leave it open and have not begun. A study keeps what it began with.',
    backends: {
      auto: 'Chosen by measuring',
      'tfjs-node': 'Native TensorFlow',
      wasm: 'WebAssembly',
      cpu: 'Plain JavaScript',
    },
    preventSleep: 'Keep the computer awake',
    preventSleepHint: 'While a study runs. The screen may go dark.',
    notifications: 'Notify me',
    notificationsHint: 'When a study ends or fails and the window is not in front.',
    onClose: 'When the window is closed',
    onCloseHint: 'While a study runs.',
    onCloseChoices: {
      ask: 'Ask',
      keepRunning: 'Keep running in the notification area',
      quit: 'Quit; trials go back into the queue',
    },
    about: 'About',
    aboutText:
      'A desktop lab for hyperparameter tuning. Studies are Optuna’s own SQLite files. MIT licence.',
    version: (version: string) => `Version ${version}`,
    facts: {
      platform: 'System',
      cores: 'Processor cores',
      library: 'Library',
      log: 'Log file',
    },
    logInTerminal: 'what Parzen writes to its terminal',
    copyFacts: 'Copy',
    showLog: 'Show log file',
    licences: 'Licences of what is in it',
    licencesCount: (n: number) => plural(n, 'package'),
    licencesMore:
      'Electron and Chromium have theirs beside the program. Packages without a text name their licence only.',
    noLicences: 'The list is made when the app is built.',
    licenceText: (name: string) => `Licence of ${name}`,
  },
  wizard: {
    columnsTable: 'Columns of the table',
    previewTable: 'First rows of the table',
    classesTable: 'Rows of each class',
    title: 'New study',
    stepsLabel: 'Steps',
    steps: {
      data: 'Data',
      network: 'Network',
      training: 'Training',
      search: 'Search',
      review: 'Review',
    },
    stepDone: 'done',
    nIssues: (n: number) => `${plural(n, 'thing')} to mend`,
    back: 'Back',
    next: (step: string) => `Next: ${step}`,
    chooseFirst: 'Choose a table first.',
    discard: 'Discard',
    create: 'Create',
    createAndRun: 'Create and run',
    /** The rule of a broken setting as a sentence of its own; a file that it begins with keeps its name. */
    issue: (message: string) =>
      message.replace(/^[a-z](?=[a-z]*\s)/, (first) => first.toUpperCase()),
    mendFirst: 'To mend first',
    goodToKnow: 'Good to know',
    goTo: (step: string) => `Go to ${step}`,
    help: (title: string) => `About ${title}`,

    noTable:
      'This spec is of an objective of its own and has no table. It is run with `parzen run`, and cannot be shown in these steps.',
    fileTitle: 'A table of your own',
    fileHint:
      'CSV or TSV: choose a file, or drop it on this window. A spec file fills in all steps.',
    pathHint:
      'CSV or TSV, by its path on the machine that Parzen runs on. A spec file (.yaml, .json) fills in all steps.',
    chooseFile: 'Choose a file…',
    openSpec: 'Open a spec file…',
    pathLabel: 'Path of the CSV or TSV file',
    pathPlaceholder: '/home/me/table.csv',
    readFile: 'Read',
    builtInTables: 'Tables that come with Parzen',
    examples: 'Finished examples to start from',
    tableSize: (nRows: number, nColumns: number) =>
      `${plural(nRows, 'row')}, ${plural(nColumns, 'column')}`,
    predicts: (target: string, task: string) => `${task} of ${target}`,
    reading: 'Reading the table…',
    readSoFar: (percent: string, rows: string) => `Reading the table: ${percent}, ${rows} rows`,
    cancelReading: 'Cancel reading',
    notRead: 'The table was not read to its end, because you cancelled it.',
    otherTable: 'Other table…',
    readAs: (properties: readonly string[]) => `Format (${properties.join(', ')})`,
    format: {
      delimiter: 'Delimiter',
      quote: 'Quotes',
      encoding: 'Encoding',
      decimal: 'Decimals',
      thousands: 'Thousands',
      hasHeader: 'First line',
    },
    formatChoices: {
      delimiter: { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Bar', ' ': 'Space' },
      decimal: { '.': 'Point', ',': 'Comma' },
      thousands: { none: 'No mark', '.': 'Point', ',': 'Comma', ' ': 'Space', "'": 'Apostrophe' },
      hasHeader: { true: 'Names', false: 'Data' },
      encoding: {
        'utf-8': 'UTF-8',
        'utf-16le': 'UTF-16 LE',
        'utf-16be': 'UTF-16 BE',
        'windows-1252': 'Windows-1252',
        'iso-8859-2': 'ISO 8859-2',
        shift_jis: 'Shift JIS',
      },
      quote: { '"': 'Double', "'": 'Single' },
    } as Readonly<Record<string, Readonly<Record<string, string>>>>,
    tableProblems: (n: number) => `${plural(n, 'cell or row', 'cells and rows')} to look at`,
    tableProblem: ({
      row,
      column,
      message,
    }: {
      readonly row: number | null;
      readonly column: string | null;
      readonly message: string;
    }) => [row === null ? '' : `Row ${row}`, column ?? '', message].filter(Boolean).join(', '),
    noColumn: 'none',
    dateFormat: (column: string) => `How dates of ${column} are written`,
    dateFormats: {
      iso: 'Year first',
      dayFirst: 'Day first',
      monthFirst: 'Month first',
    },
    target: 'Predict',
    task: 'as',
    taskHint: {
      classification: 'Which of a few classes each row belongs to.',
      regression: 'A number for each row.',
    },
    columns: 'Columns',
    column: 'Column',
    type: 'Holds',
    content: 'Values',
    distinct: 'Different',
    empty: 'Empty',
    missingAsAll: 'As all columns',
    scalingAsAll: 'Scaled as all',
    scalingOf: (column: string) => `How ${column} is scaled`,
    missingOf: (column: string) => `What is done about empty cells of ${column}`,
    role: 'Used as',
    roleOf: (column: string) => `What ${column} is used as`,
    roles: {
      target: 'Target',
      feature: 'Feature',
      number: 'Number',
      category: 'Category',
      ordinal: 'In an order',
      date: 'Date',
      ignore: 'Not used',
    },
    types: {
      number: 'Numbers',
      category: 'Categories',
      boolean: 'Yes or no',
      date: 'Dates',
      text: 'Text',
    },
    span: (low: string, high: string) => `${low} to ${high}`,
    orderOf: (column: string) => `Order of ${column}, lowest first`,
    moveBefore: (value: string, other: string) => `Move ${value} before ${other}`,
    preview: 'First rows',
    previewOf: (n: number) => `Show the first ${plural(n, 'row')}`,
    noValue: 'empty',
    cells: 'Cells',
    split: 'Rows',
    splitHelp:
      'Networks learn from the training rows. Trials are compared on the validation rows. The test rows are kept aside for one honest look at the end.',
    splitKind: 'How rows are divided',
    splits: {
      fractions: 'By shares',
      column: 'By a column',
      rows: 'By row numbers',
      group: 'By groups, which stay whole',
      time: 'By time, the newest last',
      folds: 'Cross-validation',
    } as Readonly<Record<string, string>>,
    splitColumns: {
      column: 'Column that says the part',
      group: 'Keep together rows of the same',
      time: 'In the order of',
    } as Readonly<Record<string, string>>,
    parts: { train: 'Training', validation: 'Validation', test: 'Test' },
    shareOf: (part: string) => `Share of ${part}, in percent`,
    rows: (n: number) => plural(n, 'row'),
    classes: (n: number) => plural(n, 'class', 'classes'),
    moreClasses: (n: number) => `and ${plural(n, 'further class', 'further classes')}`,

    networkLead:
      'Fix what you know. Give a range or choices for what the study shall find out: each is a parameter that trials try.',
    presets: 'Begin with',
    modes: {
      fixed: 'Fixed',
      range: 'Range',
      choices: 'Choices',
      layers: 'Layer by layer',
      classes: 'Per class',
    },
    modeOf: (title: string) => `How ${title} is given`,
    from: (title: string) => `${title} from`,
    to: 'to',
    upTo: (title: string) => `${title} up to`,
    log: 'Log',
    logHint: 'Sample on a logarithmic scale: each power of ten as often as the next',
    logarithmic: 'logarithmic',
    step: 'Step',
    stepOf: (title: string) => `Step of ${title}`,
    noStep: 'none',
    inSteps: (step: string) => `in steps of ${step}`,
    on: 'On',
    off: 'Off',
    byDefault: 'Default',
    addChoice: 'Add…',
    addChoiceTo: (title: string) => `Add a value to ${title}`,
    noSuchParam: 'is not searched',
    removeChoice: (value: string) => `Remove ${value}`,
    byLayer: 'Per layer',
    byLayerHint: 'A parameter for every layer, instead of one for all of them',
    layer: (n: number) => `Layer ${n}`,
    addLayer: 'Add a layer',
    ofClass: (title: string, name: string) => `${title} of ${name}`,
    removeLayer: (n: number) => `Remove layer ${n}`,
    backToDefault: (title: string) => `Back to the default: ${title}`,

    objectives: 'What is optimized',
    objective: (n: number) => `objective ${n}`,
    addObjective: 'Add an objective',
    removeObjective: (n: number) => `Remove objective ${n}`,
    severalHint: 'With several objectives the study looks for the best compromises.',
    batches: 'Batches and epochs',
    sampler: 'Sampler',
    pruner: 'Pruner',
    running: 'Running',
    stop: 'The study ends after',
    rule: (n: number) => `Rule ${n}`,
    optionOf: (whose: string, option: string) => `${whose}: ${option}`,
    addRule: 'Add a rule',
    removeRule: (n: number) => `Remove rule ${n}`,
    ruleHint: 'Further rules that end the study, as many as you like.',

    summaryLabel: 'What this comes to',
    figures: {
      rows: 'Rows: training, validation, test',
      features: 'Inputs of the network',
      size: 'Search space',
      largest: 'Largest network',
      work: 'Work',
    },
    rowParts: (train: string, validation: string, test: string) =>
      `${train} / ${validation} / ${test}`,
    weights: (n: string) => `${n} weights`,
    openEnd: 'until you stop it',
    atMostEpochs: (n: string) => `${n} epochs at most`,
    continuous: 'continuous: more settings than can be counted',
    uncounted: 'too many conditions to count',
    combinations: (n: string, isOne: boolean) => `${n} combination${isOne ? '' : 's'}`,
    spaceOf: (n: number) => plural(n, 'parameter'),
    space: 'What is searched',
    name: 'Name of the study',
    nameTaken: (name: string) =>
      `There is a study “${name}” already; this one gets a number behind its name.`,
    takeTrials: (study: string) => `Begin with the trials of “${study}” that fit`,
    countingTrials: 'Counting…',
    nFit: (nTaken: number, nFinished: number) =>
      nFinished === 0
        ? 'It has no finished trials.'
        : `${formatCount(nTaken)} of ${formatCount(nFinished)} fit`,
    takenEnough: (nTaken: number, nTrials: number) =>
      `The study ends after ${plural(nTrials, 'trial')}, and these ${formatCount(nTaken)} count: nothing would be left to run.`,
    moreTrials: 'Ask for more trials',
    place: 'Kept in',
    ownFile: (name: string) => `The library’s own file (${name})`,
    inWords: 'In words',
    spec: 'Spec file',
    saveSpec: 'Save the spec file',
    summary: (facts: {
      readonly table: string;
      readonly target: string;
      readonly task: 'classification' | 'regression';
      readonly nFeatures: string;
      readonly train: string;
      readonly validation: string;
      readonly test: string;
      readonly nParams: number;
      readonly maxParameters: string;
      readonly maxEpochs: string | null;
    }) => [
      `${facts.task === 'classification' ? 'Tells the classes of' : 'Predicts the number'} “${facts.target}” in the table ${facts.table}, from ${facts.nFeatures} inputs.`,
      `Networks learn from ${facts.train} rows and are compared on ${facts.validation}; ${facts.test} rows are kept for the end.`,
      `${plural(facts.nParams, 'parameter is', 'parameters are')} searched; the largest network has ${facts.maxParameters} weights.`,
      facts.maxEpochs === null
        ? 'The study goes on until a stop rule holds or you stop it.'
        : `That is ${facts.maxEpochs} epochs at most; early stopping and pruning save many of them.`,
    ],
  },
  commands: {
    search: 'Type a command or a study',
    none: 'Nothing found',
    go: 'Go to',
    open: 'Open study',
    file: 'File',
    window: 'Window',
    run: 'Run',
    start: 'Run or resume',
    compare: 'Compare',
    compareWith: (studyName: string) => `Compare with ${studyName}`,
    showTab: (title: string) => `Show ${title}`,
    undo: (label: string) => `Undo: ${label}`,
  },
  drop: {
    title: 'Drop to open',
    hint: 'A study file is opened; a CSV table or a spec begins a new study.',
    noPaths:
      'A browser does not say where a file is, and Parzen opens files where they are. Type the rest of the path.',
  },
  shortcuts: {
    title: 'Keyboard shortcuts',
    anywhere: 'Anywhere',
    groups: [
      {
        title: 'Trial table',
        rows: [
          { title: 'Move', keys: ['↑', '↓'] },
          { title: 'Open the trial', keys: ['Enter'] },
          { title: 'Select the trial', keys: ['Space'] },
          { title: 'Hide', keys: ['H'] },
          { title: 'Delete', keys: ['Delete'] },
          { title: 'Sort by several columns', keys: ['Shift', 'click'] },
        ],
      },
      {
        title: 'Charts',
        rows: [
          { title: 'Walk through the points', keys: ['←', '→'] },
          { title: 'Change the series', keys: ['↑', '↓'] },
          { title: 'Open the trial', keys: ['Enter'] },
          { title: 'Zoom', keys: ['+', '−'] },
          { title: 'Show all', keys: ['0'] },
          { title: 'Let go', keys: ['Esc'] },
        ],
      },
      {
        title: 'Panels and dialogs',
        rows: [{ title: 'Close', keys: ['Esc'] }],
      },
    ],
  },
  filters: {
    range: (title: string, min: string, max: string) => `${title} ${min} to ${max}`,
    choices: (title: string, labels: string) => `${title}: ${labels}`,
    contains: (title: string, query: string) => `${title} contains “${query}”`,
    remove: (label: string) => `Remove the filter ${label}`,
    label: 'Filters',
  },
  fields: {
    number: 'Trial',
    state: 'State',
    value: 'Value',
    nthValue: (n: number) => `Value ${n}`,
    startedAt: 'Started',
    completedAt: 'Completed',
    duration: 'Duration',
    epochs: 'Reports',
    lastValue: 'Last report',
    tags: 'Tags',
    note: 'Note',
    front: 'Pareto front',
    feasible: 'Feasible',
    yes: 'yes',
    no: 'no',
  },
  points: {
    ...states,
    infeasible: 'Infeasible',
    faded: 'Filtered out',
    best: 'Best so far',
  },
  historyX: {
    number: 'Trial',
    started: 'Time started',
    completed: 'Time completed',
    elapsed: 'Elapsed',
  },
  charts: {
    chart: 'chart',
    legend: 'Legend',
    tools: (title: string) => `${title}: tools`,
    history: 'Optimization history',
    historyOf: (title: string) => `History: ${title}`,
    historySummary: (n: number, best: string | null) =>
      `${plural(n, 'trial')}${best === null ? '' : `, best value ${best}`}.`,
    logScale: 'Log',
    logWherePositive: 'Logarithmic axes for objectives whose values are all above 0',
    allPairs: 'All pairs',
    objectiveOf: { x: 'Horizontal objective', y: 'Vertical objective' },
    logNeedsPositive: 'A logarithmic scale needs values above 0',
    showOutliers: 'Outliers',
    xAxis: 'Horizontal axis',
    yAxis: 'Vertical axis',
    outside: (n: number) => `${plural(n, 'trial')} outside the range shown`,
    noTrials: 'No trials yet.',
    resetZoom: 'Reset zoom (double click)',
    dragFilters: 'Drag to filter instead of zoom (or hold Shift)',
    asTable: 'Show as table',
    tableOf: (title: string) => `${title}, as a table`,
    export: 'Export chart',
    exportPng: 'PNG image',
    exportSvg: 'SVG image',
    exportCsv: 'Data as CSV',
    expand: 'Enlarge',
    collapse: 'Back to normal size',
    atTrial: (number: number) => `Trial ${number}`,
    noValues: 'No trial has a value here yet.',
    noValuesOf: (counts: Readonly<Record<TrialState, number>>) => {
      const parts = (Object.entries(states) as [TrialState, string][]).flatMap(([state, name]) =>
        counts[state] > 0 ? [`${formatCount(counts[state])} ${name.toLowerCase()}`] : [],
      );
      return `No trial has a value here yet: ${parts.join(', ')}.`;
    },
    noPair: 'No complete trial has both parameters.',
    noReports: 'No intermediate values were reported.',
    worse: 'worse',
    better: 'better',
    rankShare: 'Rank (0 worst, 1 best)',
    without: (n: number) => `${formatCount(n)} without it`,
    haveBoth: (n: number, all: number) => `${formatCount(n)} of ${plural(all, 'trial')} have both`,
    newest: (n: number, all: number) => `the newest ${formatCount(n)} of ${formatCount(all)}`,
    notUsed: (n: number) => `without (${formatCount(n)})`,
    shareOfTrials: 'Share of trials',
    edfPoint: (share: string, value: string) => `${share} of the trials reach\n${value} or less`,
    edfSummary: (title: string) => `Share of trials whose ${title} is at most a value.`,
    study: 'Study',
    trialsSeries: 'Trials',
    step: 'Step',
    atStepOption: 'Value at a step',
    atStep: (title: string, step: number) => `${title} at step ${formatCount(step)}`,
    front: 'Pareto front',
    bandSeries: 'Others',
    band: (n: number) => `${plural(n, 'other')}: median, 25–75 %, 10–90 %`,
    bestCurve: 'Best',
    threshold: 'Pruned if worse',
    bounds: 'Pruned beyond',
    lowerBound: 'Pruned below',
    upperBound: 'Pruned above',
    selectedCurve: 'Selected',
    sliceSummary: (n: number, param: string, target: string) =>
      `${target} over ${param} for ${plural(n, 'trial')}.`,
    pairSummary: (n: number, x: string, y: string) => `${plural(n, 'trial')} over ${x} and ${y}.`,
    timelineSummary: (n: number, span: string) => `${plural(n, 'trial')} over ${span}.`,
    curvesSummary: (n: number, lastStep: string) => `${plural(n, 'curve')} up to step ${lastStep}.`,
    frontSummary: (n: number, all: string) =>
      `${formatCount(n)} of ${all} trials are on the front.`,
    parallelSummary: (n: number, axes: number) =>
      `${plural(n, 'trial')} over ${axes} ${axes === 1 ? 'axis' : 'axes'}.`,
    parallelDense: (n: number, all: number) =>
      `the best ${formatCount(n)} of ${formatCount(all)} as lines`,
    slices: 'Slices',
    shadeByTrial: 'Shade by trial',
    shadeByTrialHint:
      'The later a complete trial, the stronger its colour: where the search has gone',
    parallel: 'Parallel coordinates',
    contour: 'Contour',
    rank: 'Rank',
    edf: 'Empirical distribution',
    intermediate: 'Intermediate values',
    timeline: 'Timeline',
    paretoFront: 'Pareto front',
    target: 'What to explain',
    axisX: 'Horizontal parameter',
    axisY: 'Vertical parameter',
    axes: 'Axes',
    nAxes: (n: number) => `${formatCount(n)} ${n === 1 ? 'axis' : 'axes'}`,
    nNewest: 'Trials shown',
    color: 'Colour of complete trials',
    byState: 'By state',
    byTarget: (title: string) => `By ${title}`,
    newestOption: (n: number) => `Newest ${formatCount(n)}`,
    allTrials: 'All trials',
    parameter: 'Parameter',
    importance: 'Importance',
    importanceTitle: 'Importance',
    deviation: 'Deviation',
    deviationOf: (title: string) => `${title}: deviation`,
    evaluator: 'How importance is computed',
    frontAsTarget: 'Pareto front',
    allObjectives: 'All objectives',
    importanceSummary: (param: string, n: number) =>
      `${param} matters most, by ${plural(n, 'trial')}.`,
    firstOf: (n: number, all: number) => `the first ${formatCount(n)} of ${formatCount(all)}`,
    ofTrials: (n: number) => `from ${plural(n, 'trial')}`,
    hypervolume: 'Hypervolume',
    hypervolumeSummary: (last: string) => `The hypervolume is ${last}.`,
    referencePoint: (point: string) => `from (${point})`,
    reference: 'Reference point',
    sampled: (n: number, all: number) => `sample of ${formatCount(n)} of ${formatCount(all)}`,
  },
} as const;
