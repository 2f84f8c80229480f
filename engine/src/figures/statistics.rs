//! Sums over values, and powers that are the same bits everywhere.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2};

/// The normal distribution's 97.5th percentile: a 95 % interval reaches so many standard errors.
pub(crate) const NORMAL_97_5: f64 = 1.959_963_984_540_054;

/// The plain mean; `None` of nothing.
pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The sample standard deviation, `√(Σ(x − mean)² / (n − 1))`; `None` of fewer than two.
pub(crate) fn deviation(values: &[f64]) -> Option<f64> {
    variance(values).map(f64::sqrt)
}

/// The sample variance, `Σ(x − mean)² / (n − 1)`; `None` of fewer than two.
pub(crate) fn variance(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (values.len() > 1).then(|| squares / (values.len() - 1) as f64)
}

/// The value below which this fraction of the sorted values lies, linear between neighbours:
/// R. Hyndman and Y. Fan's type 7, as in NumPy.
pub(crate) fn quantile(sorted: &[f64], fraction: f64) -> Option<f64> {
    let place = fraction * sorted.len().checked_sub(1)? as f64;
    let below = place.floor();
    let (low, high) = (sorted.get(below as usize)?, sorted.get(place.ceil() as usize)?);
    Some(low + (high - low) * (place - below))
}

/// Sorted copies.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sort(&mut sorted);
    sorted
}

fn sort(values: &mut [f64]) {
    #[cfg(target_arch = "wasm32")]
    small_sort(values);
    #[cfg(not(target_arch = "wasm32"))]
    values.sort_unstable_by(f64::total_cmp);
}

/// D. Shell's sort (1959), in WebAssembly for its little code. The order is total, so that any way of sorting gives the same
/// bits.
#[cfg(any(target_arch = "wasm32", test))]
fn small_sort(values: &mut [f64]) {
    let mut gap = values.len();
    while gap > 1 {
        gap = (4 * gap / 9).max(1);
        for at in gap..values.len() {
            let value = values[at];
            let mut place = at;
            while place >= gap && values[place - gap].total_cmp(&value).is_gt() {
                values[place] = values[place - gap];
                place -= gap;
            }
            values[place] = value;
        }
    }
}

/// The larger of two numbers: in WebAssembly a comparison, where the standard library's is a call.
pub(crate) fn larger(one: f64, other: f64) -> f64 {
    if other > one { other } else { one }
}

/// The smaller of two numbers, as [`larger`].
pub(crate) fn smaller(one: f64, other: f64) -> f64 {
    if other < one { other } else { one }
}

/// `None` unless it is a finite number.
pub(crate) fn defined(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// A quotient; `None` where it is not defined.
pub(crate) fn ratio(over: f64, under: f64) -> Option<f64> {
    defined(over / under)
}

/// `base` to the power of `exponent`, of a base above 0: by [`ln`] and [`exp`], so that it gives
/// the same bits natively and in WebAssembly. The error is a few units in the last place for each
/// factor e of the result.
pub(crate) fn power(base: f64, exponent: f64) -> f64 {
    if exponent == 0.0 { 1.0 } else { exp(exponent * ln(base)) }
}

/// 2 in two parts of which the first has zeros at its end, so that multiples of it are exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// 1/23, 1/21 and so on to 1/3.
const ODD_PARTS: [f64; 11] = [
    1.0 / 23.0,
    1.0 / 21.0,
    1.0 / 19.0,
    1.0 / 17.0,
    1.0 / 15.0,
    1.0 / 13.0,
    1.0 / 11.0,
    1.0 / 9.0,
    1.0 / 7.0,
    1.0 / 5.0,
    1.0 / 3.0,
];

/// The natural logarithm of a number above 0, by the series of the inverse hyperbolic tangent.
/// `−∞` of 0, `NaN` below.
pub(crate) fn ln(x: f64) -> f64 {
    if x.is_nan() || x < 0.0 || x == f64::INFINITY {
        return if x > 0.0 { x } else { f64::NAN };
    }
    if x == 0.0 || x == 1.0 {
        return if x > 0.0 { 0.0 } else { f64::NEG_INFINITY };
    }
    if x < f64::MIN_POSITIVE {
        return ln(x * 18_014_398_509_481_984.0) - 54.0 * LN_2;
    }
    ln_of_normal(x)
}

/// Makes of each number its [`ln`], several at once where the processor can.
pub(crate) fn ln_each(values: &mut [f64]) {
    // One at a time in WebAssembly, for its little code.
    let (eights, rest) = if cfg!(target_arch = "wasm32") { (&mut [][..], values) } else { values.as_chunks_mut::<8>() };
    for eight in eights {
        let normal = eight.iter().fold(true, |all, x| all & (*x >= f64::MIN_POSITIVE) & (*x < f64::INFINITY));
        *eight = if normal { eight.map(ln_of_normal) } else { eight.map(ln) };
    }
    for x in rest {
        *x = ln(*x);
    }
}

/// That of a number above 0 which is neither subnormal nor infinite, without a branch.
#[inline(always)]
fn ln_of_normal(x: f64) -> f64 {
    let bits = x.to_bits();
    let fraction = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    // To between √½ and √2.
    let above = fraction * FRAC_1_SQRT_2 > 1.0;
    let fraction = if above { fraction / 2.0 } else { fraction };
    let exponent = f64::from((bits >> 52) as i32 - 1_023 + i32::from(above));
    let s = (fraction - 1.0) / (fraction + 1.0);
    let square = s * s;
    let series = ODD_PARTS.iter().fold(0.0, |sum, part| (sum + part) * square);
    exponent * LN_2_HIGH + (exponent * LN_2_LOW + 2.0 * (s + s * series))
}

/// The exponential function, by its series; 0 below e^−708, infinite above e^709.
pub(crate) fn exp(x: f64) -> f64 {
    if x < -708.0 {
        return 0.0;
    }
    if x > 709.0 {
        return f64::INFINITY;
    }
    let twos = (x / LN_2).round();
    let rest = (x - twos * LN_2_HIGH) - twos * LN_2_LOW;
    let sum = (1..=14).rev().fold(1.0, |sum, term| 1.0 + sum * rest / f64::from(term));
    sum * f64::from_bits(((twos as i64 + 1_023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn both_ways_of_sorting_give_the_same_bits() {
        let mut random = Random::new(7);
        for count in 0..200 {
            let values: Vec<f64> = (0..count).map(|_| f64::from_bits(random.bits() & 0xc000_0000_0000_0001)).collect();
            let (mut small, mut large) = (values.clone(), values);
            small_sort(&mut small);
            sort(&mut large);
            assert_eq!(
                small.iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
                large.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
            );
        }
    }
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn powers_are_those_of_the_standard_library(base in 1e-3f64..1e3, exponent in -40.0f64..40.0) {
            let size = (exponent * base.ln()).abs().max(1.0);
            prop_assert!((ln(base) - base.ln()).abs() <= 4e-16 * base.ln().abs().max(0.5));
            prop_assert!((power(base, exponent) / base.powf(exponent) - 1.0).abs() <= 1e-15 * size);
        }
    }

    #[test]
    fn many_logarithms_are_those_of_one_at_a_time() {
        let edges = [0.0, -0.0, 1.0, -1.0, 1e-310, f64::MIN_POSITIVE, f64::MAX, f64::INFINITY, f64::NAN, 1.5, 0.5];
        let mut random = Random::new(7);
        let numbers = (0..1_000).map(|_| f64::from_bits(random.bits() >> 1));
        let near = (0..1_000).map(|at| 0.5 + f64::from(at) / 500.0);
        let values: Vec<f64> = near.chain(edges).chain(numbers).collect();
        let mut logarithms = values.clone();
        ln_each(&mut logarithms);
        for (value, many) in values.iter().zip(logarithms) {
            assert_eq!(many.to_bits(), ln(*value).to_bits(), "{value}");
        }
    }

    #[test]
    fn the_edges_are_defined() {
        assert_eq!((ln(1.0), exp(0.0), power(7.0, 0.0)), (0.0, 1.0, 1.0));
        assert_eq!((ln(0.0), exp(-1e9), exp(1e9)), (f64::NEG_INFINITY, 0.0, f64::INFINITY));
        assert!(ln(-1.0).is_nan() && exp(f64::NAN).is_nan());
        assert!((ln(1e-310) - 1e-310_f64.ln()).abs() < 1e-12);
        assert_eq!(power(0.0, 2.0), 0.0);
    }

    #[test]
    fn quantiles_are_numpys() {
        let values = sorted(&[4.0, 1.0, 3.0, 2.0]);
        assert_eq!(quantile(&values, 0.05), Some(1.15));
        assert_eq!((quantile(&values, 0.5), quantile(&values, 1.0)), (Some(2.5), Some(4.0)));
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!((mean(&values), variance(&values)), (Some(2.5), Some(5.0 / 3.0)));
        assert_eq!((mean(&[]), deviation(&[1.0])), (None, None));
    }
}
