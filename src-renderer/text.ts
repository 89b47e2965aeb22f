/** All English text of the window, so that it can be translated in one place. */
import type { RunState } from '../src-main/contract/runs.ts';
import type { StudyDirection } from '../src-main/tuner/study/direction.ts';
import type { TrialState } from '../src-main/tuner/trial/frozen-trial.ts';
import { formatCount, formatPercent } from './format.ts';

const plural = (n: number, one: string, many = `${one}s`): string =>
  `${formatCount(n)} ${n === 1 ? one : many}`;

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
  DISCONNECTED: 'The connection to the program was lost. It is tried again.',
  RUN_ACTIVE: 'This study is running. Stop it first.',
  NO_SPEC:
    'This study was not made by Parzen, so there is nothing here to run. It can be shown and exported.',
};

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
    title: 'This did not work',
    lost: 'Not connected. What you see may be out of date.',
  },
  common: {
    cancel: 'Cancel',
    close: 'Close',
    open: 'Open',
    save: 'Save',
    copy: 'Copy',
    more: 'More',
    remove: 'Remove',
    loading: 'Loading…',
    ok: 'OK',
    none: 'none',
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
  },
  library: {
    title: 'Library',
    search: 'Search studies',
    openFile: 'Open file…',
    newIris: 'Start the iris study',
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
      file: 'File',
    },
    noMatch: (query: string) => `No study matches “${query}”.`,
    emptyTitle: 'No studies yet',
    emptyText:
      'A study is a search for good hyperparameters: many trials, each a network trained with other settings. Studies are kept in Optuna’s own SQLite files.',
    irisTitle: 'Tune the iris network',
    irisText:
      '50 trials of a small neural network that tells three species of iris apart. Takes less than a minute.',
    irisAction: 'Create the study',
    openTitle: 'Open an Optuna file',
    openText:
      'Any SQLite file that Optuna 3.0 or later wrote. It is watched live, and stays readable by Optuna.',
    openAction: 'Choose a file…',
    recent: 'Recent files',
    tied: (n: number) => `${plural(n, 'trial')} share it`,
    noBest: 'none yet',
    objectives: (n: number) => `${n} objectives`,
    filesTitle: 'Open files',
    readOnly: 'read-only',
    closeFile: 'Close this file',
    fileError: (name: string) => `${name} cannot be shown`,
    running: (n: number) => `${n} running`,
    rename: 'Rename…',
    duplicate: 'Duplicate…',
    delete: 'Delete…',
    deleteTitle: (name: string) => `Delete “${name}”?`,
    deleteText: (nTrials: number) =>
      `Its ${plural(nTrials, 'trial')} are removed from the file. This cannot be undone.`,
    deleteAction: 'Delete study',
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
      setup: 'Setup',
    },
    idle: 'Idle',
    complete: 'Complete',
    watching: 'Watching',
    viewOnly: 'View only',
    viewOnlyHint:
      'This study has no Parzen spec: it can be watched, analysed and exported, but not run from here.',
    notFound: 'This study is not here any more.',
    notFoundText: 'It was deleted, or its file was closed.',
    backToLibrary: 'Back to the library',
    run: 'Run',
    resume: 'Resume',
    pause: 'Pause',
    pauseHint: 'Start no further trial; those running end',
    stop: 'Stop',
    stopHint: 'Put the running trials back into the queue and end',
    moreTrials: 'More trials',
    moreTrialsBy: 'Trials to add',
    moreTrialsTotal: (n: number) => `${plural(n, 'trial')} in total`,
    target: 'Planned trials',
    jobs: 'Parallel',
    jobsHint: 'Trials that run at the same time',
    export: 'Export CSV',
    exported: (path: string) => `Saved to ${path}`,
    figures: {
      trials: 'Trials',
      best: 'Best value',
      pruned: 'Pruned',
      failed: 'Failed',
      running: 'Running',
      waiting: 'Waiting',
      rate: 'Rate',
      eta: 'Time left',
      epochsSaved: 'Epochs saved',
      backend: 'Backend',
    },
    ofTarget: (n: number) => `of ${formatCount(n)}`,
    trialLink: (number: number) => `trial ${number}`,
    tied: (n: number) => `${plural(n, 'trial')} tied`,
    front: (n: number) => `${plural(n, 'trial')} on the Pareto front`,
    share: (share: number) => formatPercent(share),
    savedOf: (saved: number, run: number) =>
      `${formatPercent(saved / (saved + run))} of the planned ones`,
    noBest: 'no complete trial yet',
    progressLabel: (done: number, target: number | null) =>
      target === null
        ? plural(done, 'finished trial')
        : `${done} of ${plural(target, 'trial')} finished`,
  },
  best: {
    title: 'Best trial',
    paretoTitle: 'Pareto front',
    ties: (n: number) => `${plural(n, 'trial')} share the best value`,
    tiesHint:
      'The first of them is shown. On a small validation set values move in steps, so ties are common.',
    showTies: 'Show them',
    none: 'No complete trial yet.',
    open: 'Open trial',
    duration: 'Duration',
    epochs: 'Epochs',
  },
  trial: {
    title: (number: number) => `Trial ${number}`,
    runningSince: (step: number, value: string, elapsed: string) =>
      `step ${step}: ${value}, for ${elapsed}`,
  },
  trials: {
    count: (shown: number, all: number) =>
      shown === all ? plural(all, 'trial') : `${formatCount(shown)} of ${plural(all, 'trial')}`,
    selected: (n: number) => `${formatCount(n)} selected`,
    clearSelection: 'Clear selection',
    filterPlaceholder: 'Filter, e.g. value > 0.9 and learning_rate < 1e-2',
    filterLabel: 'Filter by expression',
    columns: 'Columns',
    noneTitle: 'No trials yet',
    noneText: 'They appear here as they start.',
    noMatch: 'No trial passes the filters.',
    clearFilters: 'Clear filters',
    table: 'Trials',
    selectRow: (number: number) => `Select trial ${number}`,
    sortHint: 'Click to sort, Shift-click to sort by several',
    allStates: 'All',
    showAllColumns: 'Show all',
  },
  filters: {
    range: (title: string, min: string, max: string) => `${title} ${min} to ${max}`,
    choices: (title: string, labels: string) => `${title}: ${labels}`,
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
    historyOf: (title: string) => `Optimization history: ${title}`,
    historySummary: (n: number, best: string | null) =>
      `${plural(n, 'trial')}${best === null ? '' : `, best value ${best}`}.`,
    logScale: 'Log',
    logNeedsPositive: 'A logarithmic scale needs values above 0',
    showOutliers: 'Outliers',
    xAxis: 'Horizontal axis',
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
  },
} as const;
