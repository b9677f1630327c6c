#[expect(
    clippy::print_stdout,
    reason = "the figures of the evaluation are for reading"
)]
mod evaluation;
mod findings;
mod grammar;
mod particulars;
mod stories;
