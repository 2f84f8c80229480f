//! Where the server will listen, read as the server itself reads it: the
//! environment, then `.env`, then Leptos.toml, then the built-in default.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::{env, fs, io};

use crate::error::{Error, Result};

const SITE: &str = "127.0.0.1:3000";
const SANDBOX: &str = "127.0.0.1:12111";

/// Settings with names of their own; the others are `SIGNALBOX_…__…`.
const NAMED: [&str; 27] = [
    "LEPTOS_SITE_ADDR",
    "PORT",
    "FRONTEND_URL",
    "SIGNALBOX_ENV",
    "SIGNALBOX_CONFIG",
    "SIGNALBOX_DATA_DIR",
    "SIGNALBOX_SITE_DIR",
    "SIGNALBOX_ADMIN_PASSWORD",
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

/// Takes the server's settings of whoever runs xtask out of a command's
/// environment: a test or a measurement sets its own.
pub fn forget(command: &mut Command) {
    for name in NAMED {
        command.env_remove(name);
    }
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("SIGNALBOX_") && text.contains("__") {
            command.env_remove(&name);
        }
    }
}

/// The addresses of a server started in the working folder.
pub struct Addresses {
    pub site: SocketAddr,
    /// The Stripe sandbox's, unless Stripe itself is set up.
    pub sandbox: Option<SocketAddr>,
}

impl Addresses {
    /// Reads the settings of the working folder.
    ///
    /// # Errors
    /// When one is no address.
    pub fn read() -> Result<Self> {
        let file = env::var("SIGNALBOX_CONFIG").unwrap_or_else(|_| "Leptos.toml".to_owned());
        let settings = Settings {
            variables: env::vars().collect(),
            dotenv: fs::read_to_string(".env").unwrap_or_default(),
            config: fs::read_to_string(file).unwrap_or_default(),
        };
        settings.addresses()
    }

    /// Whether the server can listen there, asked before the long build.
    ///
    /// # Errors
    /// When another program listens there already.
    pub fn require_free(&self) -> Result<()> {
        let sandbox = self.sandbox.map(|address| (address, "STRIPE_SANDBOX_ADDR", "12112"));
        for (address, name, port) in [Some((self.site, "LEPTOS_SITE_ADDR", "3001")), sandbox].into_iter().flatten() {
            match TcpListener::bind(address) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    return Err(Error::Check(format!(
                        "another program listens on {address} already. Stop it, or choose another address: \
                         `{name}=127.0.0.1:{port} cargo xtask start`"
                    )));
                }
                Err(error) => return Err(Error::Check(format!("cannot listen on {address} ({name}): {error}"))),
                Ok(_) => {}
            }
        }
        Ok(())
    }

    /// The site's address as this machine itself reaches it.
    pub fn reachable(&self) -> SocketAddr {
        let mut reachable = self.site;
        if reachable.ip().is_unspecified() {
            reachable.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        reachable
    }

    /// [`Addresses::reachable`], for a browser.
    pub fn site_url(&self) -> String {
        format!("http://{}", self.reachable())
    }
}

struct Settings {
    variables: HashMap<String, String>,
    dotenv: String,
    config: String,
}

impl Settings {
    fn addresses(&self) -> Result<Addresses> {
        let site = match (self.get("LEPTOS_SITE_ADDR"), self.get("PORT")) {
            (Some(address), _) => address,
            (None, Some(port)) => format!("0.0.0.0:{port}"),
            (None, None) => {
                self.get("SIGNALBOX_SITE__ADDR").or_else(|| site_addr(&self.config)).unwrap_or_else(|| SITE.to_owned())
            }
        };
        let sandbox = match self.get("STRIPE_SECRET_KEY").or_else(|| self.get("STRIPE_API_BASE")) {
            Some(_) => None,
            None => Some(parse(&self.get("STRIPE_SANDBOX_ADDR").unwrap_or_else(|| SANDBOX.to_owned()))?),
        };
        Ok(Addresses { site: parse(&site)?, sandbox })
    }

    fn get(&self, name: &str) -> Option<String> {
        let variable = self.variables.get(name).cloned().or_else(|| assigned(self.dotenv.lines(), name));
        variable.filter(|value| !value.trim().is_empty())
    }
}

fn parse(text: &str) -> Result<SocketAddr> {
    text.parse().map_err(|_| Error::Check(format!("`{text}` is no address like {SITE}")))
}

/// `addr` of the section `[site]`.
fn site_addr(config: &str) -> Option<String> {
    let section = config.lines().skip_while(|line| line.trim() != "[site]").skip(1);
    assigned(section.take_while(|line| !line.trim_start().starts_with('[')), "addr")
}

/// The value of a line `name = "value"`, quoted or not.
fn assigned<'text>(lines: impl Iterator<Item = &'text str>, name: &str) -> Option<String> {
    let mut values = lines.filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        let key = key.trim();
        (key.strip_prefix("export ").unwrap_or(key) == name).then(|| unquoted(value.trim()).to_owned())
    });
    values.next()
}

fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or_default();
        }
    }
    value.split(" #").next().unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)], dotenv: &str, config: &str) -> Settings {
        Settings {
            variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            dotenv: dotenv.to_owned(),
            config: config.to_owned(),
        }
    }

    fn site(settings: &Settings) -> String {
        settings.addresses().unwrap().site.to_string()
    }

    #[test]
    fn the_environment_wins_over_env_file_over_configuration() {
        let config = "[other]\naddr = \"127.0.0.1:1\"\n[site]\nname = \"x\"\naddr = \"127.0.0.1:2\" # here\n";
        let dotenv = "PORT=3 # a port\n";
        assert_eq!(site(&settings(&[], "", "")), SITE);
        assert_eq!(site(&settings(&[], "", config)), "127.0.0.1:2");
        assert_eq!(site(&settings(&[], dotenv, config)), "0.0.0.0:3");
        assert_eq!(site(&settings(&[("LEPTOS_SITE_ADDR", "127.0.0.1:4")], dotenv, config)), "127.0.0.1:4");
        assert_eq!(site(&settings(&[("LEPTOS_SITE_ADDR", "")], dotenv, config)), "0.0.0.0:3");
    }

    #[test]
    fn the_sandbox_listens_only_while_stripe_is_not_set_up() {
        assert_eq!(settings(&[], "", "").addresses().unwrap().sandbox, Some(SANDBOX.parse().unwrap()));
        assert_eq!(settings(&[], "STRIPE_SECRET_KEY='sk_test_1'", "").addresses().unwrap().sandbox, None);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert!(settings(&[("PORT", "x")], "", "").addresses().is_err());
    }

    #[test]
    fn a_taken_port_is_named_with_the_way_out() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let addresses = Addresses { site: taken.local_addr().unwrap(), sandbox: None };
        assert!(addresses.require_free().unwrap_err().to_string().contains("LEPTOS_SITE_ADDR"));
    }
}
