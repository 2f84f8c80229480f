use serde_json::Value;

use super::invoice::Line;
use super::subscription;
use crate::shape;

/// What a change of one item costs now: the unused rest of the old price back, the rest of the new one.
pub fn lines(item: &Value, price: &Value, quantity: i64, now: i64) -> Vec<Line> {
    let (start, end) = (shape::number(item, "current_period_start"), shape::number(item, "current_period_end"));
    let at = now.clamp(start, end);
    let old = shape::number(&item["price"], "unit_amount") * shape::number(item, "quantity");
    let new = shape::number(price, "unit_amount") * quantity;
    let line = |price: &Value, quantity: i64, amount: i64, words: &str| Line {
        price: price.clone(),
        quantity,
        amount,
        description: format!("{words} after {}", crate::clock::date_in_words(at)),
        period: (at, end),
        item: shape::text(item, "id").to_owned(),
        proration: true,
    };
    let back = line(&item["price"], shape::number(item, "quantity"), -share(old, end - at, end - start), "Unused time");
    let rest = line(price, quantity, share(new, end - at, end - start), "Remaining time");
    vec![back, rest]
}

/// Whether two prices are paid for at the same times.
pub fn same_interval(one: &Value, other: &Value) -> bool {
    let (one, other) = (&one["recurring"], &other["recurring"]);
    one["interval"] == other["interval"] && one["interval_count"] == other["interval_count"]
}

/// A whole new period of a price that is paid for at other times than the old one.
pub fn fresh_period(price: &Value, now: i64) -> (i64, i64) {
    (now, subscription::period_end(price, now, now))
}

/// A part of an amount, rounded to the nearest unit.
fn share(amount: i64, part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let exact = i128::from(amount) * i128::from(part);
    let whole = i128::from(whole);
    i64::try_from((exact + whole / 2) / whole).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn half_a_period_costs_half() {
        let old = json!({"unit_amount": 1000});
        let item =
            json!({"id": "si_1", "price": old, "quantity": 1, "current_period_start": 0, "current_period_end": 100});
        let lines = lines(&item, &json!({"unit_amount": 3000}), 1, 50);
        assert_eq!(lines.iter().map(|line| line.amount).collect::<Vec<_>>(), [-500, 1500]);
    }
}
