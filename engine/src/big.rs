//! Whole numbers of any size, for the few that need more than 64 bits.

/// Its digits in base 2³², the least first.
pub(crate) struct Big(Vec<u32>);

impl Big {
    /// A number as large as it may be otherwise.
    pub(crate) fn of(number: u64) -> Self {
        Self(vec![number as u32, (number >> 32) as u32])
    }

    /// Multiplies it, and adds to that.
    pub(crate) fn times(&mut self, factor: u32, term: u32) {
        let mut carried = u64::from(term);
        for digit in &mut self.0 {
            carried += u64::from(*digit) * u64::from(factor);
            *digit = carried as u32;
            carried >>= 32;
        }
        if carried > 0 {
            self.0.push(carried as u32);
        }
    }

    /// Divides it; what is left over.
    pub(crate) fn divide(&mut self, divisor: u32) -> u32 {
        let mut left = 0;
        for digit in self.0.iter_mut().rev() {
            let whole = left << 32 | u64::from(*digit);
            *digit = (whole / u64::from(divisor)) as u32;
            left = whole % u64::from(divisor);
        }
        left as u32
    }

    /// Whether it is 0.
    pub(crate) fn is_zero(&self) -> bool {
        self.0.iter().all(|digit| *digit == 0)
    }

    /// Multiplies it by 2³² that many times.
    pub(crate) fn raise(&mut self, times: usize) {
        self.0.splice(..0, std::iter::repeat_n(0, times));
    }

    /// Its topmost 64 bits, with the last of them set if any bit below is, and how many bits are below; 0 has none.
    pub(crate) fn top(&self) -> (u64, i32) {
        let Some(first) = self.0.iter().rposition(|digit| *digit != 0) else { return (0, 0) };
        let digit = |at: Option<usize>| at.map_or(0, |at| u64::from(self.0[at]));
        let [high, middle, low] = [Some(first), first.checked_sub(1), first.checked_sub(2)].map(digit);
        let spare = high.leading_zeros() - 32;
        let top = (high << 32 | middle) << spare | (low << spare) >> 32;
        let below = (low << spare) as u32 != 0 || self.0[..first.saturating_sub(2)].iter().any(|digit| *digit != 0);
        (top | u64::from(below), 32 * first as i32 - 32 - spare as i32)
    }
}
