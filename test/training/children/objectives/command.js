/** A command of a user's own that does what its first argument says. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const say = (what) => console.log(typeof what === 'string' ? what : JSON.stringify(what));
const [, , deed] = process.argv;

switch (deed) {
  case 'echo': {
    const { PARZEN_PARAM_X, PARZEN_PARAM_A_B, PARZEN_PARAMS, PARZEN_TRIAL_NUMBER, PARZEN_SEED } =
      process.env;
    const stdin = JSON.parse(readFileSync(0, 'utf8'));
    const userAttrs = { stdin, PARZEN_PARAM_X, PARZEN_PARAM_A_B, PARZEN_PARAMS };
    say({ userAttrs: { ...userAttrs, PARZEN_TRIAL_NUMBER, PARZEN_SEED, cwd: process.cwd() } });
    say({ constraints: { load: -1 } });
    say('hello');
    say('0 0.5');
    say({ step: 1, value: 0.25 });
    say('99');
    say('0.125');
    break;
  }
  case 'values':
    say({ values: [1, 2] });
    break;
  case 'nothing':
    break;
  case 'fail':
    console.error('no such file');
    process.exit(3);
    break;
  case 'nonsense':
    say({ value: 'good' });
    break;
  case 'steps':
  case 'stubborn':
    process.on('SIGTERM', () => {
      if (deed === 'stubborn') return;
      say({ userAttrs: { saved: true } });
      process.exit(0);
    });
    say({ userAttrs: { pid: process.pid } });
    for (let step = 0; step < 10; step++) say(`${step} ${step}`);
    setInterval(() => {}, 1000);
    break;
  case 'daemon': {
    const { pid } = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: 'inherit',
    });
    say({ value: 1, userAttrs: { pid } });
    setTimeout(() => process.exit(0), 100);
    break;
  }
  case 'hoard': {
    const hoard = [];
    setInterval(() => hoard.push(Buffer.alloc(2e7, 1)), 20);
    break;
  }
}
