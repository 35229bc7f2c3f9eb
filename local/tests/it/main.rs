//! The program as a newcomer meets it: started, called, stopped, killed and started again.

mod docs;
mod failure;
mod program;
mod ready;
mod stop;
