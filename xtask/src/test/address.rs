//! Addresses of databases: `scheme://user:password@host/path?query`.

/// The address with another path: another database or index of one server.
pub fn with_path(address: &str, path: &str) -> String {
    let (address, query) = match address.split_once('?') {
        Some((address, query)) => (address, format!("?{query}")),
        None => (address, String::new()),
    };
    let from = address.find("://").map_or(0, |position| position + 3);
    let end = address[from..].find('/').map_or(address.len(), |position| from + position);
    format!("{}/{path}{query}", &address[..end])
}

/// The address without its password, and the password: arguments of commands
/// are public, their environment is not.
pub fn without_password(address: &str) -> (String, Option<String>) {
    let parts = address.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?)));
    let Some((scheme, (user, host))) = parts else { return (address.to_owned(), None) };
    let Some((user, password)) = user.split_once(':') else { return (address.to_owned(), None) };
    let user = if user.is_empty() { String::new() } else { format!("{user}@") };
    (format!("{scheme}://{user}{host}"), Some(decoded(password)))
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match hex.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_path_is_replaced() {
        for (given, wanted) in [
            ("postgres://u:p@h:5/old", "postgres://u:p@h:5/new"),
            ("postgresql://h", "postgresql://h/new"),
            ("postgres://h/old?sslmode=require", "postgres://h/new?sslmode=require"),
            ("redis://:p@h:1/0?a=b", "redis://:p@h:1/new?a=b"),
        ] {
            assert_eq!(with_path(given, "new"), wanted);
        }
    }

    #[test]
    fn the_password_is_taken_out_and_decoded() {
        let taken = |address| without_password(address);
        assert_eq!(taken("redis://h:1/2"), ("redis://h:1/2".to_owned(), None));
        assert_eq!(taken("postgres://u@h/2"), ("postgres://u@h/2".to_owned(), None));
        assert_eq!(taken("redis://:p@h:1/2"), ("redis://h:1/2".to_owned(), Some("p".to_owned())));
        assert_eq!(taken("postgres://u:a%40b%@h/2"), ("postgres://u@h/2".to_owned(), Some("a@b%".to_owned())));
    }
}
