use serde_json::{Map, Value};

/// How deep brackets may nest.
const DEPTH: usize = 8;

/// Reads `a=1&b[c]=2&d[0][e]=3&f[]=4` into a tree whose leaves are texts. Lists become objects with
/// the places as keys, in order of appearance for `[]`. `None` for what is no such form.
pub fn parse(body: &str) -> Option<Map<String, Value>> {
    let mut root = Map::new();
    for pair in body.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        insert(&mut root, &segments(&name)?, value)?;
    }
    Some(root)
}

fn segments(name: &str) -> Option<Vec<String>> {
    let Some((first, rest)) = name.split_once('[') else {
        return Some(vec![name.to_owned()]);
    };
    let inner = rest.strip_suffix(']')?;
    let all: Vec<String> = std::iter::once(first).chain(inner.split("][")).map(str::to_owned).collect();
    (all.len() <= DEPTH && !first.is_empty()).then_some(all)
}

fn insert(into: &mut Map<String, Value>, path: &[String], value: String) -> Option<()> {
    let (first, rest) = path.split_first()?;
    let key = if first.is_empty() { into.len().to_string() } else { first.clone() };
    if rest.is_empty() {
        into.insert(key, Value::String(value));
        return Some(());
    }
    let next = into.entry(key).or_insert_with(|| Value::Object(Map::new()));
    insert(next.as_object_mut()?, rest, value)
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_nested_brackets_and_lists() {
        let form = parse("a=1+2&b%5Bc%5D=%C3%A9&d[0][e]=3&d[1][e]=4&f[]=5&f[]=6").unwrap();
        let expected = json!({
            "a": "1 2", "b": {"c": "é"}, "d": {"0": {"e": "3"}, "1": {"e": "4"}}, "f": {"0": "5", "1": "6"}
        });
        assert_eq!(Value::Object(form), expected);
    }

    #[test]
    fn refuses_what_is_no_form() {
        for wrong in ["a[b=1", "a=%G1", "a=1&a[b]=2", "[x]=1", "a=%ff"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
