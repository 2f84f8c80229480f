//! What is told at start though the program can work with it: whoever set it so hardly meant to.

use super::{Config, ConfigError, Environment, OperatorConfig, Variables, names, sections::Sections};

/// All of them, each a sentence for the log.
pub(super) fn of(config: &Config, variables: &Variables) -> Result<Vec<String>, ConfigError> {
    let mut warnings = Vec::new();
    let misspelt = names::misspelt(variables);
    if !misspelt.is_empty() {
        warnings.push(format!(
            "no settings have these names, and they change nothing: {}; what stands in Leptos.toml is set as \
             SIGNALBOX_<SECTION>__<KEY>, with two underscores between, such as SIGNALBOX_QUOTA__FREE_FETCHES_PER_DAY",
            misspelt.join(", ")
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

/// What stands in `.env`, which is there for this program, and changes nothing: by its names, as one sentence for the log.
pub(super) fn of_dot_env(names: &[String]) -> Option<String> {
    let unread = names::unread(names);
    (!unread.is_empty()).then(|| {
        format!("these stand in .env, where they change nothing, since nothing reads them: {}", unread.join(", "))
    })
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
    let bundled = Sections::bundled()?.operator;
    let pairs = [
        ("NAME", &operator.name, bundled.name),
        ("REGISTRATION", &operator.registration, bundled.registration),
        ("EMAIL", &operator.email, bundled.email),
        ("ADDRESS", &operator.address, bundled.address),
    ];
    let kept = pairs.into_iter().filter(|(_, text, bundled)| *text == bundled);
    Ok(kept.map(|(key, text, _)| format!("SIGNALBOX_OPERATOR__{key} (now `{text}`)")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(set: &[(&str, &str)]) -> Variables {
        set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
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
    fn what_still_names_the_demonstration_is_told_by_its_variable() {
        let bundled = Sections::bundled().unwrap().operator;
        assert_eq!(as_bundled(&bundled).unwrap().len(), 4);
        let begun = OperatorConfig { name: "Asha Rao Research".to_owned(), ..bundled };
        let kept = as_bundled(&begun).unwrap();
        assert_eq!(kept[1], "SIGNALBOX_OPERATOR__EMAIL (now `desk@example.com`)");
        assert_eq!(kept.len(), 3);
    }
}
