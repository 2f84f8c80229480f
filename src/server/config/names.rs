//! The names of the variables that the program reads, and those that are hardly meant for anything else.

use super::Variables;

/// The program's variables that are no keys of the configuration file. What has two underscores is one, and refused if
/// there is none of that name.
const PREFIXED: [&str; 5] =
    ["SIGNALBOX_ENV", "SIGNALBOX_CONFIG", "SIGNALBOX_DATA_DIR", "SIGNALBOX_SITE_DIR", OF_ONE_COMMAND];

/// Read before `.env` is: there it changes nothing.
const OF_ONE_COMMAND: &str = "SIGNALBOX_ADMIN_PASSWORD";

/// Those without a name of ours before them.
const PLAIN: [&str; 22] = [
    "LEPTOS_SITE_ADDR",
    "PORT",
    "FRONTEND_URL",
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "LEDGER_KEY",
    "ACCESS_TOKEN_EXPIRE_MINUTES",
    "REFRESH_TOKEN_EXPIRE_DAYS",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_PRICE_ID",
    "STRIPE_PUBLISHABLE_KEY",
    "STRIPE_API_BASE",
    "STRIPE_SANDBOX_ADDR",
    "SMTP_URL",
    "MAIL_FROM",
    "ALLOWED_ORIGINS",
    "TRUSTED_PROXIES",
    "METRICS_TOKEN",
    "RUST_LOG",
    "NO_COLOR",
];

/// What compose.yaml and the sandbox's own program read of the same `.env`.
const OF_THE_OTHERS: [&str; 7] = [
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "APP_PORT",
    "RUST_BACKTRACE",
    "STRIPE_SANDBOX_STATE",
    "STRIPE_SANDBOX_URL",
    "STRIPE_SANDBOX_WEBHOOK_URL",
];

/// What begins so in `.env` is for Docker.
const OF_DOCKER: [&str; 3] = ["COMPOSE_", "DOCKER_", "BUILDKIT_"];

/// What begins so is read by the tests.
const OF_TESTS: [&str; 2] = ["SIGNALBOX_TEST_", "SIGNALBOX_README_"];

/// A name in the environment may be anything's: a shorter one is too easily near one of ours.
const SHORTEST: usize = 8;
/// Letters that may differ in what is near.
const NEAR: usize = 2;

/// The names of the environment that look like a setting's and are none, in order; what each was hardly meant to be
/// other than, where that can be told.
pub(super) fn misspelt(variables: &Variables) -> Vec<String> {
    let told = variables.iter().filter_map(|(name, value)| match name.strip_prefix("SIGNALBOX_") {
        Some(rest) => (!is_ours(name) && !is_of_a_service(rest, value)).then(|| name.clone()),
        None if name.len() < SHORTEST || is_known(name) => None,
        None => meant(name).filter(|meant| meant.len() >= SHORTEST).map(|meant| with(name, meant)),
    });
    sorted(told)
}

/// The names in `.env` that nothing reads, in order, likewise. What begins with `SIGNALBOX_` is [`misspelt`] anyway.
pub(super) fn unread(names: &[String]) -> Vec<String> {
    let is_nobodys = |name: &&String| {
        let is_of_docker = OF_DOCKER.iter().any(|begin| name.starts_with(begin));
        let is_of_ours = name.starts_with("SIGNALBOX_") && *name != OF_ONE_COMMAND;
        !(is_of_docker || is_of_ours || is_known(name))
    };
    // One that is near is told of with the environment's.
    let near = |name: &&String| name.len() >= SHORTEST && meant(name).is_some_and(|meant| meant.len() >= SHORTEST);
    let unread = names.iter().filter(is_nobodys).filter(|name| !near(name));
    sorted(unread.map(|name| meant(name).map_or_else(|| name.clone(), |meant| with(name, meant))))
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names
}

fn with(name: &str, meant: &str) -> String {
    format!("{name} (is {meant} meant?)")
}

fn is_ours(name: &str) -> bool {
    name.contains("__") || PREFIXED.contains(&name) || OF_TESTS.iter().any(|begin| name.starts_with(begin))
}

fn is_known(name: &str) -> bool {
    PLAIN.contains(&name) || OF_THE_OTHERS.contains(&name)
}

/// The variable of ours that a name is but a slip away from: some letters, or the last word of three or more.
fn meant(name: &str) -> Option<&'static str> {
    let distance = |known: &&'static str| strsim::levenshtein(name, known);
    let nearest = PLAIN.iter().copied().min_by_key(distance).filter(|known| distance(known) <= NEAR);
    let lacks_a_word =
        |known: &&'static str| name.contains('_') && known.rsplit_once('_').is_some_and(|(begin, _)| begin == name);
    nearest.or_else(|| PLAIN.iter().copied().find(|known| lacks_a_word(known)))
}

/// Whether Kubernetes, or a link of Docker's, tells a container so of a service that is called signalbox or signalbox-….
/// `rest` is what follows that in the name.
fn is_of_a_service(rest: &str, value: &str) -> bool {
    let is_address = value.contains("://");
    rest.ends_with("SERVICE_HOST")
        || rest.contains("SERVICE_PORT")
        || (is_address && rest.ends_with("PORT"))
        // PORT_80_TCP, PORT_80_TCP_ADDR and so on.
        || rest.split("PORT_").skip(1).any(|port| port.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = include_str!("../../../README.md");

    fn variables(set: &[(&str, &str)]) -> Variables {
        set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn set(names: &[&str]) -> Variables {
        variables(&names.iter().map(|name| (*name, "1")).collect::<Vec<_>>())
    }

    #[test]
    fn a_misspelt_name_is_found_among_those_that_are_none_of_ours_to_judge() {
        let set = set(&[
            "SIGNALBOX_QUOTA_FREE",
            "SIGNALBOX_PORT",
            "SIGNALBOX_ENVIRONMENT",
            "SIGNALBOX_ENV",
            "SIGNALBOX_DATA_DIR",
            "SIGNALBOX_SIGNALS__PUBLISH",
            "SIGNALBOX_TEST_BIN",
            "SIGNALBOX_README_SHOTS",
            "PORT",
            "SIGNAL_BOX",
        ]);
        assert_eq!(misspelt(&set), ["SIGNALBOX_ENVIRONMENT", "SIGNALBOX_PORT", "SIGNALBOX_QUOTA_FREE"]);
    }

    #[test]
    fn a_slip_in_a_name_that_is_not_ours_by_its_beginning_is_told_with_what_was_meant() {
        let slips = [
            ("DATABASE_URI", "DATABASE_URL"),
            ("REDIS_URI", "REDIS_URL"),
            ("STRIPE_SECRET", "STRIPE_SECRET_KEY"),
            ("STRIPE_WEBHOOK_SECRETS", "STRIPE_WEBHOOK_SECRET"),
            ("STRIPE_PRICE", "STRIPE_PRICE_ID"),
            ("SMPT_URL", "SMTP_URL"),
            ("TRUSTED_PROXY", ""),
            ("ALLOWED_ORIGIN", "ALLOWED_ORIGINS"),
            ("FRONT_END_URL", "FRONTEND_URL"),
        ];
        for (slip, meant) in slips {
            let told = if meant.is_empty() { Vec::new() } else { vec![with(slip, meant)] };
            assert_eq!(misspelt(&set(&[slip])), told, "{slip}");
        }
    }

    #[test]
    fn what_other_programs_read_is_no_slip() {
        let of_others = [
            "HOST",
            "HOSTNAME",
            "PORT",
            "PORTS",
            "SPORT",
            "DATABASE",
            "DATABASE_USER",
            "DATABASE_HOST",
            "DATABASE_PORT",
            "REDIS_HOST",
            "REDIS_PORT",
            "REDIS_USER",
            "SMTP_HOST",
            "SMTP_PORT",
            "SMTP_USER",
            "MAIL_HOST",
            "SECRET_ID",
            "ACCESS_TOKEN",
            "REFRESH_TOKEN",
            "STRIPE_API_KEY",
            "STRIPE_DEVICE_NAME",
            "RUST_BACKTRACE",
            "RUST_LOG_STYLE",
            "RUSTUP_HOME",
            "CLICOLOR",
            "COLORTERM",
            "FORCE_COLOR",
            "LS_COLORS",
            "POSTGRES_PASSWORD",
            "REDIS_PASSWORD",
            "REDIS_TLS_URL",
            "LEPTOS_OUTPUT_NAME",
            "LEPTOS_SITE_ROOT",
            "APP_PORT",
            "PATH",
            "MAIL",
        ];
        assert_eq!(misspelt(&set(&of_others)), [""; 0]);
    }

    #[test]
    fn whatever_nothing_reads_is_told_of_in_a_dot_env() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let known = ["PORT", "NO_COLOR", "APP_PORT", "COMPOSE_PROJECT_NAME", "SIGNALBOX_ENV", "SIGNALBOX_SITE__NAME"];
        assert_eq!(unread(&names(&known)), [""; 0]);
        let told = unread(&names(&["PROT", "TIMEZONE", "SIGNALBOX_ADMIN_PASSWORD", "DATABASE_URI", "SIGNALBOX_PORT"]));
        assert_eq!(
            told,
            ["PROT (is PORT meant?)", "SIGNALBOX_ADMIN_PASSWORD", "TIMEZONE"],
            "the others are told of once"
        );
    }

    #[test]
    fn what_kubernetes_tells_of_a_service_of_this_name_is_no_mistake() {
        let set = variables(&[
            ("SIGNALBOX_PORT", "tcp://10.96.0.7:80"),
            ("SIGNALBOX_PORT_80_TCP", "tcp://10.96.0.7:80"),
            ("SIGNALBOX_PORT_80_TCP_PROTO", "tcp"),
            ("SIGNALBOX_PORT_80_TCP_PORT", "80"),
            ("SIGNALBOX_PORT_80_TCP_ADDR", "10.96.0.7"),
            ("SIGNALBOX_SERVICE_HOST", "10.96.0.7"),
            ("SIGNALBOX_SERVICE_PORT", "80"),
            ("SIGNALBOX_SERVICE_PORT_HTTP", "80"),
            ("SIGNALBOX_REDIS_SERVICE_HOST", "10.96.0.8"),
            ("SIGNALBOX_REDIS_PORT", "tcp://10.96.0.8:6379"),
            ("SIGNALBOX_REDIS_PORT_6379_TCP_ADDR", "10.96.0.8"),
        ]);
        assert_eq!(misspelt(&set), [""; 0]);
    }

    /// Set by the image, or for one command, not by who runs the site with Compose.
    const NOT_OF_COMPOSE: [&str; 6] =
        ["LEPTOS_SITE_ADDR", "PORT", "SIGNALBOX_CONFIG", "SIGNALBOX_DATA_DIR", "SIGNALBOX_SITE_DIR", OF_ONE_COMMAND];

    /// The names in the first column of the README's table.
    fn of_the_readme() -> Vec<&'static str> {
        let rows = README.lines().skip_while(|line| !line.starts_with("| variable |"));
        let first = rows.take_while(|line| line.starts_with('|')).filter_map(|row| row.split('|').nth(1));
        first.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
    }

    #[test]
    fn every_variable_stands_wherever_variables_are_named() {
        let readme = of_the_readme();
        let example = include_str!("../../../.env.example");
        let compose = include_str!("../../../compose.yaml");
        let xtask = include_str!("../../../xtask/src/settings.rs");
        for name in PREFIXED.into_iter().chain(PLAIN) {
            assert!(readme.contains(&name), "README's table has no {name}");
            assert!(xtask.contains(&format!("\"{name}\",")), "xtask forgets no {name}");
        }
        for name in &readme {
            let stands = example.contains(&format!("\n#{name}="));
            assert_eq!(stands, *name != OF_ONE_COMMAND, ".env.example: {name}");
            let passed = compose.contains(&format!("\n    {name}: "));
            assert_eq!(passed, !NOT_OF_COMPOSE.contains(name), "compose.yaml: {name}");
        }
        let all: Vec<String> = readme.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(misspelt(&set(&readme)), [""; 0], "README's table has one that nothing reads");
        assert_eq!(unread(&all), [OF_ONE_COMMAND]);
    }

    #[test]
    fn every_name_of_the_readme_is_known() {
        let names = README
            .split('`')
            .filter(|text| text.starts_with("SIGNALBOX_") && !text.ends_with('_') && !text.contains(['<', '=']));
        let named = set(&names.collect::<Vec<_>>());
        assert!(named.contains_key("SIGNALBOX_SITE_DIR"), "{named:?}");
        assert_eq!(misspelt(&named), [""; 0]);
    }
}
