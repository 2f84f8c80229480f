//! Who runs the site, by command.

use crate::server::{
    application::{self, StartError},
    auth::tokens::random_token,
    clock::Clock,
    config::Config,
    error::ServiceError,
    service::accounts,
};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum AdminAction {
    /// Makes an operator's account. Without a password given, one is made and printed once.
    Create {
        /// Signs in with it.
        email: String,
        /// Reads the password from standard input, one line.
        #[arg(long)]
        password_stdin: bool,
        /// The password; standard input is safer.
        #[arg(long, env = "SIGNALBOX_ADMIN_PASSWORD", hide_env_values = true, conflicts_with = "password_stdin")]
        password: Option<String>,
        /// Makes an existing account with a confirmed address an operator's; its password stays.
        #[arg(long)]
        promote: bool,
    },
}

/// Makes an operator.
pub(super) async fn run(config: Config, action: AdminAction) -> Result<(), StartError> {
    let AdminAction::Create { email, password_stdin, password, promote } = action;
    let refused = |source| StartError::Part { part: "admin create", source };
    let (given, made) = match password {
        Some(given) => (given, false),
        None if password_stdin => (read_line().map_err(|error| refused(error.into()))?, false),
        None => (random_token(), true),
    };
    let state = application::build_state(config, Clock::system()).await?;
    match accounts::create_operator(&state, &email, &given, promote).await {
        Ok(true) if made => println!("Made {email} an operator. The password, shown this once: {given}"),
        Ok(true) => println!("Made {email} an operator."),
        Ok(false) => println!("{email} is an operator now; the password stays as it was."),
        Err(ServiceError::EmailInUse) => {
            return Err(refused("there is such an account; add --promote to make it an operator's".into()));
        }
        Err(ServiceError::Invalid(faults)) => {
            let faults: Vec<String> = faults.into_iter().map(|fault| fault.message).collect();
            return Err(refused(faults.join(" ").into()));
        }
        Err(error) => return Err(refused(error.into())),
    }
    Ok(())
}

fn read_line() -> std::io::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
