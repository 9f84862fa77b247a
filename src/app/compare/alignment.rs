//! The longest common subsequence of two lists.

/// An entry of two aligned lists: positions in the first and the second one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aligned {
    Both(usize, usize),
    From(usize),
    To(usize),
}

/// The most comparisons that a search may take. Two lists of 500 entries without common ends stay
/// below it.
const MAX_COMPARISONS: usize = 250_000;

/// Aligns `from` with `to`, so that as many equal entries as possible face each other. Of lists that
/// are too long for that, only the common beginning and end face each other.
pub(super) fn align<T: PartialEq>(from: &[T], to: &[T]) -> Vec<Aligned> {
    let head = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let (from_rest, to_rest) = (&from[head..], &to[head..]);
    let tail = from_rest
        .iter()
        .rev()
        .zip(to_rest.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (from_middle, to_middle) = (
        &from_rest[..from_rest.len() - tail],
        &to_rest[..to_rest.len() - tail],
    );
    let mut aligned: Vec<Aligned> = (0..head).map(|at| Aligned::Both(at, at)).collect();
    align_middle(from_middle, to_middle, head, &mut aligned);
    aligned.extend((0..tail).map(|at| Aligned::Both(from.len() - tail + at, to.len() - tail + at)));
    aligned
}

/// Aligns what lies between the common beginning of `offset` entries and the common end.
fn align_middle<T: PartialEq>(from: &[T], to: &[T], offset: usize, aligned: &mut Vec<Aligned>) {
    if from.len().saturating_mul(to.len()) > MAX_COMPARISONS {
        aligned.extend((0..from.len()).map(|at| Aligned::From(offset + at)));
        aligned.extend((0..to.len()).map(|at| Aligned::To(offset + at)));
        return;
    }
    let lengths = common_lengths(from, to);
    let (mut left, mut right) = (0, 0);
    while left < from.len() && right < to.len() {
        if from[left] == to[right] {
            aligned.push(Aligned::Both(offset + left, offset + right));
            (left, right) = (left + 1, right + 1);
        } else if lengths[left + 1][right] >= lengths[left][right + 1] {
            aligned.push(Aligned::From(offset + left));
            left += 1;
        } else {
            aligned.push(Aligned::To(offset + right));
            right += 1;
        }
    }
    aligned.extend((left..from.len()).map(|at| Aligned::From(offset + at)));
    aligned.extend((right..to.len()).map(|at| Aligned::To(offset + at)));
}

/// The length of the longest common subsequence of what follows each pair of positions.
fn common_lengths<T: PartialEq>(from: &[T], to: &[T]) -> Vec<Vec<u32>> {
    let mut lengths = vec![vec![0_u32; to.len() + 1]; from.len() + 1];
    for left in (0..from.len()).rev() {
        for right in (0..to.len()).rev() {
            lengths[left][right] = if from[left] == to[right] {
                lengths[left + 1][right + 1] + 1
            } else {
                lengths[left + 1][right].max(lengths[left][right + 1])
            };
        }
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::Aligned::{Both, From, To};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn common_beginning_and_end_face_each_other() {
        assert_eq!(
            align(&["a", "b", "x", "z"], &["a", "b", "y", "w", "z"]),
            [Both(0, 0), Both(1, 1), From(2), To(2), To(3), Both(3, 4)]
        );
    }

    #[test]
    fn common_entries_between_differences_face_each_other() {
        assert_eq!(
            align(&[1, 2, 3, 4], &[9, 2, 8, 4, 7]),
            [
                From(0),
                To(0),
                Both(1, 1),
                From(2),
                To(2),
                Both(3, 3),
                To(4)
            ]
        );
    }

    #[test]
    fn very_long_lists_are_aligned_at_their_ends_only() {
        let from: Vec<u32> = (0..1_000).collect();
        let to: Vec<u32> = [0].into_iter().chain(2_000..2_998).chain([999]).collect();
        let aligned = align(&from, &to);
        let common = aligned.iter().filter(|entry| matches!(entry, Both(..)));
        assert_eq!(common.count(), 2);
    }

    proptest! {
        #[test]
        fn every_entry_occurs_once_and_in_order(
            from in proptest::collection::vec(0_u8..5, 0..20),
            to in proptest::collection::vec(0_u8..5, 0..20),
        ) {
            let aligned = align(&from, &to);
            let lefts: Vec<usize> = aligned
                .iter()
                .filter_map(|entry| match entry { Both(left, _) | From(left) => Some(*left), To(_) => None })
                .collect();
            let rights: Vec<usize> = aligned
                .iter()
                .filter_map(|entry| match entry { Both(_, right) | To(right) => Some(*right), From(_) => None })
                .collect();
            prop_assert_eq!(lefts, (0..from.len()).collect::<Vec<_>>());
            prop_assert_eq!(rights, (0..to.len()).collect::<Vec<_>>());
            for entry in aligned {
                if let Both(left, right) = entry {
                    prop_assert_eq!(from[left], to[right]);
                }
            }
        }
    }
}
