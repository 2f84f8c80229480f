//! Which rows to keep of a file that is out of order.

/// Marks a longest strictly ascending run of times, not necessarily of neighbours; what is not in
/// it must go to bring the rest in order, and no fewer could.
///
/// C. Schensted's patience sorting (1961), O(n log n).
pub(super) fn longest_ascending(times: &[i64]) -> Vec<bool> {
    // The last place of the best run of each length, and of each place the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(times.len());
    for (place, time) in times.iter().enumerate() {
        let length = ends.partition_point(|end| times[*end] < *time);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            // Of equal times the first is kept.
            Some(end) if times[*end] == *time => {}
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut kept = vec![false; times.len()];
    let mut last = ends.last().copied();
    while let Some(place) = last {
        kept[place] = true;
        last = before[place];
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_out_of_place_is_left_out() {
        assert_eq!(longest_ascending(&[1, 2, 900, 3, 4]), [true, true, false, true, true]);
        assert_eq!(longest_ascending(&[1, 1, 2]), [true, false, true]);
        assert_eq!(longest_ascending(&[900, 901, 1, 2, 3]), [false, false, true, true, true]);
        assert_eq!(longest_ascending(&[]), [] as [bool; 0]);
    }

    proptest! {
        #[test]
        fn it_is_ascending_and_none_is_longer(times in prop::collection::vec(0i64..9, 0..10)) {
            let kept = longest_ascending(&times);
            let run: Vec<i64> = times.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(time, _)| *time).collect();
            prop_assert!(run.windows(2).all(|pair| pair[0] < pair[1]));
            let ascending = |chosen: u32| {
                let run: Vec<i64> = (0..times.len()).filter(|place| chosen >> place & 1 == 1).map(|place| times[place]).collect();
                run.windows(2).all(|pair| pair[0] < pair[1])
            };
            let longest = (0..1_u32 << times.len()).filter(|chosen| ascending(*chosen)).map(u32::count_ones).max();
            prop_assert_eq!(longest, Some(run.len() as u32));
        }
    }
}
