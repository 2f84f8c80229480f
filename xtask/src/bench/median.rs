//! The middle of several measurements of one thing.

/// The value with as many below as above; of an even number the upper of the
/// two middle ones. NaN of none.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_does_not_count() {
        assert!((median([3.0, 900.0, 1.0, 2.0, 4.0].into_iter()) - 3.0).abs() < f64::EPSILON);
        assert!((median([2.0, 1.0].into_iter()) - 2.0).abs() < f64::EPSILON);
        assert!(median(std::iter::empty()).is_nan());
    }
}
