//! Many changes, a few at a time, within the time that a page has.

use std::collections::BTreeMap;
use std::pin::pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::console::change::{ChangeFailed, Refusal, RefusedBecause};

/// How many changes are under way at once.
const SIDE_BY_SIDE: usize = 4;

/// What comes of `change` for each item, in their order. None is begun once `may_begin` says no: that is [`RefusedBecause::Busy`], nothing was
/// changed. What is still under way when `over` comes is [`RefusedBecause::Uncertain`].
pub(super) async fn one<T, F>(
    items: Vec<T>,
    may_begin: impl Fn() -> bool,
    over: impl Future<Output = ()>,
    change: impl Fn(T) -> F,
) -> Vec<Result<(), ChangeFailed>>
where
    F: Future<Output = Result<(), ChangeFailed>>,
{
    let (count, mut begun) = (items.len(), 0);
    let mut waiting = items.into_iter().enumerate();
    let mut under_way = FuturesUnordered::new();
    let mut outcomes = BTreeMap::new();
    let mut over = pin!(over);
    loop {
        while under_way.len() < SIDE_BY_SIDE
            && may_begin()
            && let Some((number, item)) = waiting.next()
        {
            begun = number + 1;
            let change = change(item);
            under_way.push(async move { (number, change.await) });
        }
        if under_way.is_empty() {
            break;
        }
        tokio::select! {
            Some((number, outcome)) = under_way.next() => drop(outcomes.insert(number, outcome)),
            () = &mut over => break,
        }
    }
    let outcome = |number| {
        let unfinished = if number < begun { RefusedBecause::Uncertain } else { RefusedBecause::Busy };
        outcomes.remove(&number).unwrap_or_else(|| Err(Refusal::because(unfinished).into()))
    };
    (0..count).map(outcome).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::sync::Notify;

    use super::*;

    fn why(outcomes: Vec<Result<(), ChangeFailed>>) -> Vec<Option<RefusedBecause>> {
        outcomes.into_iter().map(|outcome| outcome.err().map(|failed| failed.refusal().unwrap().why)).collect()
    }

    #[tokio::test]
    async fn one_that_hangs_keeps_none_of_the_others_and_is_said_to_be_uncertain() {
        let last = Notify::new();
        let last = &last;
        let change = |item| async move {
            match item {
                "hangs" => std::future::pending().await,
                "no" => Err(Refusal::because(RefusedBecause::NotAllowed).into()),
                "last" => {
                    last.notify_one();
                    Ok(())
                }
                _ => Ok(()),
            }
        };
        let items = vec!["ok", "hangs", "no", "ok", "ok", "ok", "last"];
        let outcomes = one(items, || true, last.notified(), change).await;
        let (uncertain, not_allowed) = (Some(RefusedBecause::Uncertain), Some(RefusedBecause::NotAllowed));
        assert_eq!(why(outcomes)[..6], [None, uncertain, not_allowed, None, None, None]);
    }

    #[tokio::test]
    async fn what_was_not_begun_in_time_was_not_changed_and_says_so() {
        let (left, changed) = (Cell::new(2), Cell::new(0));
        let may_begin = || left.replace(left.get().max(1) - 1) > 0;
        let change = |_| {
            changed.set(changed.get() + 1);
            std::future::ready(Ok(()))
        };
        let outcomes = one(vec![1, 2, 3, 4], may_begin, std::future::pending(), change).await;
        let busy = Some(RefusedBecause::Busy);
        assert_eq!((why(outcomes), changed.get()), (vec![None, None, busy, busy], 2));
    }
}
