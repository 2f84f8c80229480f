//! A recursion over a whole column, in several places at once.
//!
//! `value = step(value, x)` waits at each value for the one before, most of all where it divides.
//! But a smoothing forgets: whatever it began with, after some values it is what it would be
//! anyway, to the last bit. So the column is cut into strands that run side by side, each begun so
//! far ahead of its part that it has forgotten by then. Where a strand begins its part with other
//! bits than the one before it has ended with, it is run again, until it is the same: what comes out
//! is what one run from the beginning gives, bit for bit, and nothing rests on the forgetting but time.

use std::array;

/// How many run side by side.
const STRANDS: usize = 8;

/// Memories after which all is forgotten: `e^-48` is below half a bit of 53.
const FORGOTTEN: usize = 48;

/// What a recursion goes over: a column, or what is made of some at each value, which costs less than a column of it.
pub(super) trait Inputs: Copy {
    /// How many there are.
    fn len(self) -> usize;

    /// So many of them.
    fn part(self, from: usize, count: usize) -> Self;

    /// That at an index below [`Inputs::len`].
    fn at(self, index: usize) -> f64;
}

impl Inputs for &[f64] {
    #[inline]
    fn len(self) -> usize {
        <[f64]>::len(self)
    }

    #[inline]
    fn part(self, from: usize, count: usize) -> Self {
        &self[from..][..count]
    }

    #[inline]
    fn at(self, index: usize) -> f64 {
        self[index]
    }
}

/// Runs the recursion over `inputs`; `out`, as long, gets the value at each. What counts in `memory`
/// is how many values it takes until a beginning counts for `1 / e`.
pub(super) fn run(start: f64, inputs: impl Inputs, out: &mut [f64], memory: usize, step: impl Fn(f64, f64) -> f64) {
    let (length, ahead) = (inputs.len() / STRANDS, memory.saturating_mul(FORGOTTEN));
    if length < ahead.max(1) {
        return plainly(start, inputs, out, step);
    }
    let begun = side_by_side(start, inputs, out, (length, ahead), &step);
    for (strand, begun) in begun.into_iter().enumerate().skip(1) {
        let from = strand * length;
        let mut value = out[from - 1];
        if value.to_bits() == begun.to_bits() {
            continue;
        }
        let part = inputs.part(from, length);
        for (index, out) in out[from..][..length].iter_mut().enumerate() {
            value = step(value, part.at(index));
            if value.to_bits() == out.to_bits() {
                break;
            }
            *out = value;
        }
    }
    let rest = STRANDS * length;
    plainly(out[rest - 1], inputs.part(rest, inputs.len() - rest), &mut out[rest..], step);
}

fn plainly(mut value: f64, inputs: impl Inputs, out: &mut [f64], step: impl Fn(f64, f64) -> f64) {
    for (index, out) in out.iter_mut().enumerate() {
        value = step(value, inputs.at(index));
        *out = value;
    }
}

/// The strands, of `length` values each. Gives what each began its part with.
#[expect(clippy::needless_range_loop, reason = "code made for size calls an iterator's `next` at every value")]
fn side_by_side(
    start: f64,
    inputs: impl Inputs,
    out: &mut [f64],
    (length, ahead): (usize, usize),
    step: impl Fn(f64, f64) -> f64,
) -> [f64; STRANDS] {
    let before = array::from_fn::<_, STRANDS, _>(|strand| match strand {
        0 => inputs.part(0, ahead),
        _ => inputs.part(strand * length - ahead, ahead),
    });
    let mut values = if ahead > 0 { before.map(|before| before.at(0)) } else { [start; STRANDS] };
    for index in 0..ahead {
        for strand in 0..STRANDS {
            values[strand] = step(values[strand], before[strand].at(index));
        }
    }
    values[0] = start;
    let begun = values;
    let parts = array::from_fn::<_, STRANDS, _>(|strand| inputs.part(strand * length, length));
    let mut rest = out;
    let outs: [&mut [f64]; STRANDS] = array::from_fn(|_| {
        let (part, after) = std::mem::take(&mut rest).split_at_mut(length);
        rest = after;
        part
    });
    for index in 0..length {
        for strand in 0..STRANDS {
            values[strand] = step(values[strand], parts[strand].at(index));
            outs[strand][index] = values[strand];
        }
    }
    begun
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn bits(column: &[f64]) -> Vec<u64> {
        column.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn strands_give_the_bits_of_one_run_whether_they_forget_or_not() {
        let mut random = Random::new(3);
        let steps: [fn(f64, f64) -> f64; 4] = [
            |value, x| (value * 13.0 + x) / 14.0,
            |value, x| value + (x - value) * 0.1,
            // A sum forgets nothing; what never changes has nothing to forget.
            |value, x| value + x,
            |value, _| value,
        ];
        for length in [0, 1, 383, 384, 385, 5_000, 20_003] {
            for scale in [0.0, 1e-300, 1.0, 4e13] {
                let inputs: Vec<f64> = (0..length).map(|_| random.fraction() * scale).collect();
                for step in steps {
                    let (mut at_once, mut one_by_one) = (vec![f64::NAN; length], vec![f64::NAN; length]);
                    run(7.0, inputs.as_slice(), &mut at_once, 1, step);
                    plainly(7.0, inputs.as_slice(), &mut one_by_one, step);
                    assert_eq!(bits(&at_once), bits(&one_by_one), "{length} {scale}");
                }
            }
        }
    }
}
