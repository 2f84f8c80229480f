//! What is told at start though the program can work with it: whoever set it so hardly meant to.

use super::{Config, ConfigError, Environment, OperatorConfig, Variables, read_sections};

/// The program's variables that are no keys of the configuration file. What has two underscores is one, and refused if
/// there is none of that name.
const NAMED: [&str; 5] =
    ["SIGNALBOX_ENV", "SIGNALBOX_CONFIG", "SIGNALBOX_DATA_DIR", "SIGNALBOX_SITE_DIR", "SIGNALBOX_ADMIN_PASSWORD"];

/// What begins so is read by the tests.
const OF_TESTS: [&str; 2] = ["SIGNALBOX_TEST_", "SIGNALBOX_README_"];

/// All of them, each a sentence for the log.
pub(super) fn of(config: &Config, variables: &Variables) -> Result<Vec<String>, ConfigError> {
    let mut warnings = Vec::new();
    let unknown = unknown(variables);
    if !unknown.is_empty() {
        warnings.push(format!(
            "no settings have these names, and they change nothing: {}; what stands in Leptos.toml is set as \
             SIGNALBOX_<SECTION>__<KEY>, with two underscores between, such as SIGNALBOX_QUOTA__FREE_FETCHES_PER_DAY",
            unknown.join(", ")
        ));
    }
    if config.environment == Environment::Production {
        let kept = as_bundled(&config.operator)?;
        if !kept.is_empty() {
            warnings.push(format!(
                "the footer and the legal pages name the operator of the demonstration: set {}, or the keys under \
                 [operator] in the configuration file",
                kept.join(", ")
            ));
        }
        warnings.extend(of_stripe(variables));
        if config.ledger_key.is_kept() {
            warnings.push(format!(
                "the ledger is signed with the key that is kept in {}: keep a copy of it, and set LEDGER_KEY where \
                 replicas share a database or this folder does not last",
                config.data_dir.display()
            ));
        }
    }
    Ok(warnings)
}

/// What Stripe will hardly take, or take no money for.
fn of_stripe(variables: &Variables) -> Vec<String> {
    let get = |name: &str| variables.get(name).map_or("", String::as_str);
    let mut warnings = Vec::new();
    let key = get("STRIPE_SECRET_KEY");
    if key.starts_with("sk_test_") || key.starts_with("rk_test_") {
        warnings.push("STRIPE_SECRET_KEY is a test key: nobody is charged".to_owned());
    } else if !(key.starts_with("sk_live_") || key.starts_with("rk_live_")) {
        warnings
            .push("STRIPE_SECRET_KEY is hardly a key of Stripe's, which begin with sk_live_ or rk_live_".to_owned());
    }
    if get("STRIPE_WEBHOOK_SECRET").split(',').any(|secret| !secret.trim().starts_with("whsec_")) {
        warnings.push(
            "STRIPE_WEBHOOK_SECRET is hardly what Stripe shows of a webhook endpoint, which begins with whsec_: \
             events signed otherwise are refused"
                .to_owned(),
        );
    }
    warnings
}

/// The variables by which the operator is told to be somebody else than the bundled one, as far as that is to be done
/// still. Its time zone may well be the right one.
fn as_bundled(operator: &OperatorConfig) -> Result<Vec<String>, ConfigError> {
    let bundled = read_sections(config::Config::default(), &Variables::new())?.operator;
    let pairs = [
        ("NAME", &operator.name, bundled.name),
        ("REGISTRATION", &operator.registration, bundled.registration),
        ("EMAIL", &operator.email, bundled.email),
        ("ADDRESS", &operator.address, bundled.address),
    ];
    let kept = pairs.into_iter().filter(|(_, text, bundled)| *text == bundled);
    Ok(kept.map(|(key, text, _)| format!("SIGNALBOX_OPERATOR__{key} (now `{text}`)")).collect())
}

/// The names that look like a setting's and are none, in order.
fn unknown(variables: &Variables) -> Vec<&str> {
    let is_ours = |name: &str| {
        name.contains("__") || NAMED.contains(&name) || OF_TESTS.iter().any(|begin| name.starts_with(begin))
    };
    let mut unknown: Vec<&str> = variables
        .iter()
        .filter(|(name, value)| {
            name.strip_prefix("SIGNALBOX_").is_some_and(|rest| !is_ours(name) && !is_of_a_service(rest, value))
        })
        .map(|(name, _)| name.as_str())
        .collect();
    unknown.sort_unstable();
    unknown
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

    fn variables(set: &[(&str, &str)]) -> Variables {
        set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_misspelt_name_is_found_among_those_that_are_none_of_ours_to_judge() {
        let set = variables(&[
            ("SIGNALBOX_QUOTA_FREE", "5"),
            ("SIGNALBOX_PORT", "8080"),
            ("SIGNALBOX_ENVIRONMENT", "production"),
            ("SIGNALBOX_ENV", "production"),
            ("SIGNALBOX_DATA_DIR", "data"),
            ("SIGNALBOX_SIGNALS__PUBLISH", "all"),
            ("SIGNALBOX_TEST_BIN", "signalbox"),
            ("SIGNALBOX_README_SHOTS", "1"),
            ("PORT", "3000"),
            ("SIGNAL_BOX", "1"),
        ]);
        assert_eq!(unknown(&set), ["SIGNALBOX_ENVIRONMENT", "SIGNALBOX_PORT", "SIGNALBOX_QUOTA_FREE"]);
    }

    #[test]
    fn a_key_that_takes_no_money_is_told() {
        let told = |key: &str, secret: &str| {
            of_stripe(&variables(&[("STRIPE_SECRET_KEY", key), ("STRIPE_WEBHOOK_SECRET", secret)])).len()
        };
        assert_eq!(told("sk_live_1", "whsec_1, whsec_2"), 0);
        assert_eq!(told("rk_test_1", "whsec_1"), 1);
        assert_eq!(told("x", "whsec_1,y"), 2);
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
        assert_eq!(unknown(&set), [""; 0]);
    }

    #[test]
    fn every_name_of_the_readme_is_known() {
        let readme = include_str!("../../../README.md");
        let names = readme
            .split('`')
            .filter(|text| text.starts_with("SIGNALBOX_") && !text.ends_with('_') && !text.contains(['<', '=']));
        let named = variables(&names.map(|name| (name, "1")).collect::<Vec<_>>());
        assert!(named.contains_key("SIGNALBOX_SITE_DIR"), "{named:?}");
        assert_eq!(unknown(&named), [""; 0]);
    }

    #[test]
    fn what_still_names_the_demonstration_is_told_by_its_variable() {
        let bundled = read_sections(config::Config::default(), &Variables::new()).unwrap().operator;
        assert_eq!(as_bundled(&bundled).unwrap().len(), 4);
        let begun = OperatorConfig { name: "Asha Rao Research".to_owned(), ..bundled };
        let kept = as_bundled(&begun).unwrap();
        assert_eq!(kept[1], "SIGNALBOX_OPERATOR__EMAIL (now `desk@example.com`)");
        assert_eq!(kept.len(), 3);
    }
}
