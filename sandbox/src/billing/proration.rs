use serde_json::Value;

use super::invoice::Line;
use super::subscription;
use crate::shape;

/// What a change of one item costs now: the unused rest of the old price back, the rest of the new one; up to where the
/// period is paid, after which the rest was given back already.
pub fn lines(item: &Value, price: &Value, quantity: i64, now: i64, paid_until: i64) -> Vec<Line> {
    let (start, whole) = (shape::number(item, "current_period_start"), shape::number(item, "current_period_end"));
    let at = now.clamp(start, whole);
    let end = paid_until.clamp(at, whole);
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
        of_end: false,
    };
    let back =
        line(&item["price"], shape::number(item, "quantity"), -share(old, end - at, whole - start), "Unused time");
    let rest = line(price, quantity, share(new, end - at, whole - start), "Remaining time");
    vec![back, rest]
}

/// Takes from the lines of a whole period what comes after an end within it.
pub fn shorten(lines: &mut [Line], end: i64) {
    for line in lines {
        let (start, whole) = line.period;
        if (start..whole).contains(&end) {
            line.amount = share(line.amount, end - start, whole - start);
            line.period = (start, end);
        }
    }
}

/// What is given back of a period's lines when their end moves from one instant to an earlier one, or to
/// be paid when it moves to a later one.
pub fn moved_end(lines: Vec<Line>, from: i64, to: i64) -> Vec<Line> {
    let moved = |line: Line| {
        let (start, whole) = line.period;
        let (from, to) = (from.clamp(start, whole), to.clamp(start, whole));
        let between = share(line.amount, (to - from).abs(), whole - start);
        let (amount, words) = if to < from { (-between, "Unused time") } else { (between, "Remaining time") };
        let earlier = from.min(to);
        Line {
            amount,
            description: format!("{words} after {}", crate::clock::date_in_words(earlier)),
            period: (earlier, from.max(to)),
            proration: true,
            of_end: true,
            ..line
        }
    };
    lines.into_iter().map(moved).filter(|line| line.amount != 0).collect()
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
    fn an_end_within_a_period_is_paid_for_until_then() {
        let line = |amount: i64| Line {
            price: json!({"unit_amount": 1000}),
            quantity: 1,
            amount,
            description: String::new(),
            period: (0, 100),
            item: "si_1".to_owned(),
            proration: false,
            of_end: false,
        };
        let mut lines = vec![line(1000)];
        shorten(&mut lines, 25);
        assert_eq!((lines[0].amount, lines[0].period), (250, (0, 25)));
        let amounts = |from, to| moved_end(vec![line(1000)], from, to).iter().map(|line| line.amount).sum::<i64>();
        assert_eq!(amounts(100, 25), -750);
        assert_eq!(amounts(25, 75), 500);
        assert_eq!(amounts(200, 300), 0, "both are after the period");
        assert_eq!(amounts(100, 25) + amounts(25, 100), 0);
    }

    #[test]
    fn half_a_period_costs_half() {
        let old = json!({"unit_amount": 1000});
        let item =
            json!({"id": "si_1", "price": old, "quantity": 1, "current_period_start": 0, "current_period_end": 100});
        let amounts = |paid_until| {
            let lines = lines(&item, &json!({"unit_amount": 3000}), 1, 50, paid_until);
            lines.iter().map(|line| line.amount).collect::<Vec<_>>()
        };
        assert_eq!(amounts(100), [-500, 1500]);
        assert_eq!(amounts(75), [-250, 750], "the rest after the end was given back already");
    }
}
