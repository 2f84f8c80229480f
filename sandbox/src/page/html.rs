use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// Text that stands for itself in a page, in and out of attributes.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// An amount as its readers write it: `₹4,99,000.00`, `$12.50`, `¥500`.
pub fn money(amount: i64, currency: &str) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let whole_only = matches!(currency, "jpy" | "krw" | "vnd" | "clp" | "xaf" | "xof" | "pyg" | "ugx");
    let (units, cents) = if whole_only {
        (amount.unsigned_abs(), None)
    } else {
        (amount.unsigned_abs() / 100, Some(amount.unsigned_abs() % 100))
    };
    let grouped = group(&units.to_string(), currency == "inr");
    let number = cents.map_or(grouped.clone(), |cents| format!("{grouped}.{cents:02}"));
    match currency {
        "inr" => format!("{sign}₹{number}"),
        "usd" => format!("{sign}${number}"),
        "eur" => format!("{sign}€{number}"),
        "gbp" => format!("{sign}£{number}"),
        "jpy" => format!("{sign}¥{number}"),
        other => format!("{sign}{number} {}", other.to_uppercase()),
    }
}

/// A page. `targets` are the addresses that its forms may lead to, besides its own.
pub fn page(status: StatusCode, title: &str, body: &str, targets: &[&str]) -> Response {
    let text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"/sandbox.css\">\n</head>\n<body>\n\
         <header class=\"banner\"><strong>Sandbox</strong> No money moves here. Use only test cards.</header>\n\
         <main>\n{body}\n</main>\n</body>\n</html>\n",
        title = escape(title),
    );
    let mut response = (status, Html(text)).into_response();
    harden(response.headers_mut(), targets);
    response
}

/// A page that only says something, with a link to go on.
pub fn message(status: StatusCode, title: &str, text: &str, link: Option<(&str, &str)>) -> Response {
    let link = link.map(|(address, words)| {
        format!("<p><a class=\"button\" href=\"{}\">{}</a></p>", escape(address), escape(words))
    });
    let body = format!(
        "<section class=\"card narrow\"><h1>{}</h1><p>{}</p>{}</section>",
        escape(title),
        escape(text),
        link.unwrap_or_default()
    );
    page(status, title, &body, &[])
}

/// The headers that keep a page to itself. Browsers hold the redirects after a form to `form-action`,
/// so the places where forms lead are named there.
pub fn harden(headers: &mut HeaderMap, targets: &[&str]) {
    let mut form_action = String::from("'self'");
    for target in targets {
        form_action.push_str(&origins(target));
    }
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src data:; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    );
    if let Ok(value) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
}

/// The origin of an address; for one on this machine, all names of it, since a site may move the
/// browser from one to the other.
fn origins(address: &str) -> String {
    let Ok(url) = reqwest::Url::parse(address) else {
        return String::new();
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let scheme = url.scheme();
    match url.host_str() {
        Some("localhost" | "127.0.0.1") => {
            format!(" {scheme}://localhost{port} {scheme}://127.0.0.1{port}")
        }
        // A policy cannot name an IPv6 address.
        Some(host) if host.starts_with('[') => format!(" {scheme}:"),
        Some(host) => format!(" {scheme}://{host}{port}"),
        None => String::new(),
    }
}

/// Groups digits by three, or in India by two after the first three.
fn group(digits: &str, indian: bool) -> String {
    let (mut grouped, mut since, mut size) = (String::new(), 0, 3);
    for digit in digits.chars().rev() {
        if since == size {
            grouped.push(',');
            since = 0;
            size = if indian { 2 } else { 3 };
        }
        grouped.push(digit);
        since += 1;
    }
    grouped.chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_as_its_readers_write_it() {
        assert_eq!(money(49_900, "inr"), "₹499.00");
        assert_eq!(money(123_456_789, "inr"), "₹12,34,567.89");
        assert_eq!(money(-123_456_789, "usd"), "-$1,234,567.89");
        assert_eq!(money(500, "jpy"), "¥500");
        assert_eq!(money(500, "sek"), "5.00 SEK");
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(escape("<a href='\"'>&"), "&lt;a href=&#39;&quot;&#39;&gt;&amp;");
    }
}
