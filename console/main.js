/** The start: whoever has signed in sees the console, and everybody else a form. */

import { openConsole } from "./shell.js";
import * as session from "./session.js";
import { settings } from "./settings.js";
import { openSignIn } from "./sign_in.js";

const known = await settings();

function start(message) {
    const current = session.current();
    if (current) {
        openConsole(known, current, signOut);
    } else {
        openSignIn(known, message, signIn);
    }
}

function signIn(given) {
    session.keep(given);
    start();
}

function signOut(message) {
    session.forget();
    start(message);
}

start();
