//! Runs a command with one PostgreSQL, Redis and AWS emulator for all its processes, and ends them with it:
//! `with-servers cargo nextest run`.

use std::process::{Command, ExitCode};

use bharatmart_tests::servers;

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: with-servers <command> [arguments]");
        return ExitCode::from(2);
    };
    let (postgres, redis, aws) = tokio::join!(servers::postgres_url(), servers::redis_url(), servers::aws_endpoint());
    let run = Command::new(program)
        .args(words)
        .env(servers::POSTGRES_URL, postgres)
        .env(servers::REDIS_URL, redis)
        .env(servers::AWS_ENDPOINT, aws)
        .status();
    match run {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("with-servers: {error}");
            ExitCode::FAILURE
        }
    }
}
