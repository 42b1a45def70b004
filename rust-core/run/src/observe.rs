//! Reading the tenant, in as few requests as possible: a loop over the runbook's table of facts.

use serde_json::Value;

use crate::holder::{looked_into, renewed};
use pp_graph::Graph;
use pp_graph::batch::{Item, ItemResult};
use pp_graph::error::GraphError;
use pp_graph::lasting::Lasting;
use pp_graph::reaction::Reaction;
use pp_runbook::denial::is_of_licence;
use pp_runbook::facts::{self, Ask, NoneWhere, Reading, Row};
use pp_runbook::observed::{AppIds, LookUp, Observed, Subject, Unread};
use pp_runbook::request::Request;
use pp_runbook::wanted::Wanted;
use pp_runbook::which::Which;

/// What a service says of a property that it doesn't know.
const UNKNOWN_PROPERTY: &str = "Could not find a property named";

/// That the alternate key is the one, in the same words.
const UNKNOWN_KEY: &str = "'uniqueName'";

/// Reads what is asked for: in one request where the application is known, else in two, and in one more where it has no service
/// principal. Once more with another token where this one lacks a permission and isn't new.
pub fn observe(
    graph: &Graph<'_>,
    look_ups: &[LookUp],
    wanted: &Wanted,
    known: Option<&AppIds>,
) -> Result<Observed, GraphError> {
    let read = || by(&|items| graph.read(items), graph.lasting, look_ups, wanted, known);
    let observed = read()?;
    if observed.lacks_permission() && renewed(graph)? { read() } else { Ok(observed) }
}

/// How a round of reads is answered: a result for each item, or an error for all.
pub type Read<'a> = &'a dyn Fn(&[Item]) -> Result<Vec<ItemResult>, GraphError>;

/// The same, from answers however they come.
pub fn observe_by(
    read: Read<'_>,
    look_ups: &[LookUp],
    wanted: &Wanted,
    known: Option<&AppIds>,
) -> Result<Observed, GraphError> {
    by(read, &Lasting::default(), look_ups, wanted, known)
}

fn by(
    read: Read<'_>,
    lasting: &Lasting,
    look_ups: &[LookUp],
    wanted: &Wanted,
    known: Option<&AppIds>,
) -> Result<Observed, GraphError> {
    let mut observed = Observed::unread();
    round(read, lasting, &mut observed, &wanted.which, facts::at_once(look_ups, wanted, known))?;
    if known.is_none() {
        match observed.application.as_ref().map(|found| found.usable(wanted.adopt).map(AppIds::of)) {
            Ok(Some(ids)) => round(read, lasting, &mut observed, &wanted.which, facts::of_found(look_ups, &ids))?,
            Ok(None) => facts::of_none(&mut observed, look_ups, &wanted.which, None),
            Err(unread) => {
                let unread = unread.clone();
                facts::of_none(&mut observed, look_ups, &wanted.which, Some(&unread));
            }
        }
    }
    facts::complete(&mut observed);
    let restorable = facts::of_missing_principal(&observed, look_ups, wanted);
    round(read, lasting, &mut observed, &wanted.which, restorable)?;
    Ok(observed)
}

/// A request as it goes into a batch.
pub(crate) fn item(request: Request) -> Item {
    let Request { method, path, headers, body, first_page } = request;
    Item { method, path, headers: headers.to_vec(), body, first_page, part: None }
}

fn round(
    read: Read<'_>,
    lasting: &Lasting,
    observed: &mut Observed,
    which: &Which,
    asked: Vec<(&'static Row, Request)>,
) -> Result<(), GraphError> {
    let (mut rows, mut items): (Vec<&Row>, Vec<Item>) = (Vec::new(), Vec::new());
    for (row, request) in asked {
        if let Some(answer) = lasting.get(&request.path) {
            (row.keep)(observed, Reading { subject: row.subject, request: &request.path, which, answer: Ok(&answer) });
        } else {
            rows.push(row);
            items.push(Item { part: row.part, ..item(request) });
        }
    }
    if items.is_empty() {
        return Ok(());
    }
    let results = read(&items)?;
    let results = with_what_the_cloud_has(read, &items, results)?;
    for ((row, item), result) in rows.into_iter().zip(&items).zip(results) {
        let request = item.name();
        let answer = match &result {
            Ok(answer) => Ok(&answer.body),
            Err(error) if says_none(row.none_where, error) => Ok(&Value::Null),
            Err(error) => Err(unread_of(row, error)),
        };
        let part = answer.as_ref().ok().zip(row.lasting).and_then(|(answer, part)| part(answer));
        if let Some(part) = part {
            lasting.keep(&item.path, part);
        }
        (row.keep)(observed, Reading { subject: row.subject, request: &request, which, answer });
    }
    Ok(())
}

/// A read that the cloud refuses for a property that it lacks is sent again without those that may be lacking, and with it what was
/// not tried behind it; without the alternate key only where the cloud lacks that one, since what is ours is told by it. Source of
/// the words: public reports (maester365/maester#769); that whole clouds lack these properties is an assumption.
pub(crate) fn with_what_the_cloud_has(
    read: Read<'_>,
    items: &[Item],
    mut results: Vec<ItemResult>,
) -> Result<Vec<ItemResult>, GraphError> {
    let mut items = items.to_vec();
    loop {
        let key = results.iter().filter_map(lacking_property).any(|said| said.contains(UNKNOWN_KEY));
        let fewer =
            |item: &Item| facts::without_late_properties(&item.path, key).map(|path| Item { path, ..item.clone() });
        let lacks = |result: &ItemResult| lacking_property(result).is_some();
        if !items.iter().zip(&results).any(|(item, result)| lacks(result) && fewer(item).is_some()) {
            return Ok(results);
        }
        let open = items.iter().zip(&results).enumerate().filter_map(|(place, (item, result))| match result {
            Err(error) if error.reaction() == Reaction::NotTried => {
                Some((place, fewer(item).unwrap_or_else(|| item.clone())))
            }
            result if lacks(result) => Some((place, fewer(item)?)),
            _ => None,
        });
        let (places, again): (Vec<usize>, Vec<Item>) = open.unzip();
        let answers = read(&again)?;
        for ((place, item), result) in places.into_iter().zip(again).zip(answers) {
            items[place] = item;
            results[place] = result;
        }
    }
}

/// What the service says of a property that it lacks.
fn lacking_property(result: &ItemResult) -> Option<&str> {
    match result {
        Err(GraphError::Service(error)) if error.status == 400 && error.message.contains(UNKNOWN_PROPERTY) => {
            Some(&error.message)
        }
        Ok(_) | Err(_) => None,
    }
}

/// Whether a read that failed says: there is none.
pub(crate) fn says_none(none_where: NoneWhere, error: &GraphError) -> bool {
    let not_found = error.reaction() == Reaction::NotFound;
    let unknown_key =
        matches!(error, GraphError::Service(error) if error.status == 400 && error.reaction == Reaction::Real);
    match none_where {
        NoneWhere::Nowhere => false,
        NoneWhere::NotFound => not_found,
        NoneWhere::NotFoundOrUnknownKey => not_found || unknown_key,
    }
}

/// Why the fact of a row isn't known. Every tenant has its policy and its lists of what was deleted from the start, so no replica shows
/// them later: where one isn't found, the cloud doesn't have it.
fn unread_of(row: &Row, error: &GraphError) -> Unread {
    let unread = unread(row.subject, row.asked_by[0], error);
    let policy = row.subject == facts::POLICY && matches!(row.ask, Ask::Tenant(_));
    let from_the_start = policy || row.asked_by.contains(&LookUp::Deleted);
    if from_the_start && error.reaction() == Reaction::NotFound {
        return Unread { passing: false, lacking: true, ..unread };
    }
    unread
}

/// Why something isn't known.
pub(crate) fn unread(subject: Subject, look_up: LookUp, error: &GraphError) -> Unread {
    let lacking = is_lacking(error);
    let passing = error.passes() && !lacking;
    let denied = match error {
        GraphError::Service(error) => looked_into(error, |refused| refused.read(subject, look_up)),
        _ => None,
    };
    Unread { subject, denied, passing, lacking, why: error.to_string() }
}

/// A licence or a cloud that doesn't have what was asked for. Source: public reports (maester365/maester#769); 402, 405 and 501 by
/// what HTTP has them say.
pub(crate) fn is_lacking(error: &GraphError) -> bool {
    let GraphError::Service(error) = error else { return false };
    let licence = matches!(error.status, 400 | 402 | 403) && is_of_licence(&error.code, &error.message);
    let unknown = ["Resource not found for the segment", UNKNOWN_PROPERTY];
    let cloud = match error.status {
        400 => unknown.iter().any(|words| error.message.contains(words)),
        status => matches!(status, 405 | 501),
    };
    licence || cloud
}

#[cfg(test)]
mod tests {
    use pp_graph::error::read_error;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_licence_is_lacking_in_each_form_in_which_that_is_said() {
        let lacking = |status: u16, code: &str| {
            let body = json!({"error": {"code": code, "message": "Tenant is not licensed for this feature."}});
            is_lacking(&GraphError::Service(Box::new(read_error("GET /policies", status, &body, "", None))))
        };
        for status in [400, 402, 403] {
            assert!(lacking(status, "AadPremiumLicenseRequired"), "{status}");
            assert!(!lacking(status, "Request_BadRequest"), "{status}");
        }
        assert!(!lacking(503, "AadPremiumLicenseRequired"));
    }
}
