"""Greenroom deployed on a local cloud: what `sam build` made, in an emulator of AWS on this machine.

In reading order:

- `emulator`: the emulator's process, and clients of its services;
- `template`: from the built template to one that the emulator takes, one function for each change;
- `stack`: deploys the template, changes its parameters, deletes it;
- `greenroom`: a deployed stack with a company, keys and a receiver of webhooks, and requests to its API;
- `calls`: what is tried of each route and of what follows from it;
- `checking`: the beginning and the end of each check;
- `restore_drill`: the table is restored, and the restored one used, by the commands of docs/operating.md;
- `check_deployed`: all of it, from the deployment to the deletion (`.ci/steps/53-deployed`);
- `rights`, `uses`, `probes`: what needs each right of each role, those uses, and how a role is asked what it may do;
- `recorded`: the partition keys that functions have asked for;
- `check_rights`: takes each right away and sees what fails (`.ci/steps/54-rights`);
- `page`, `failures`: the commands of docs/operating.md, and what has failed before some of them and is mended by them;
- `check_page`: carries them out (`.ci/steps/55-operating-page`);
- `limits`: what an emulator can't show;
- `keep_running`: a stack to work with, until Ctrl-C (`.ci/cloud/start`).
"""
