//! The descriptions of members, which are the doc comments of the types.

use serde_json::Value;

/// Removes what only readers of the source text need: links between items, the numbers of
/// requirements and line breaks within a paragraph. What is `None` there is `null` in JSON.
pub(super) fn clean_descriptions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" => *text = clean(text),
                    member => clean_descriptions(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(clean_descriptions),
        _ => {}
    }
}

fn clean(text: &str) -> String {
    let text = text.replace("[`", "`").replace("`]", "`");
    let text = text.replace("`None`", "`null`");
    let paragraphs = text.split("\n\n").map(|lines| lines.replace('\n', " "));
    let text = paragraphs.collect::<Vec<_>>().join("\n\n");
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(" (") {
        let (before, bracketed) = rest.split_at(start);
        cleaned.push_str(before);
        let end = bracketed.find(')').map_or(bracketed.len(), |end| end + 1);
        let (note, after) = bracketed.split_at(end);
        if !is_requirement_note(note) {
            cleaned.push_str(note);
        }
        rest = after;
    }
    cleaned.push_str(rest);
    cleaned
}

/// Whether a note in brackets has only numbers of requirements: ` (S32, R3)`.
fn is_requirement_note(note: &str) -> bool {
    let inner = note.trim_start().trim_matches(['(', ')']);
    inner.split(", ").all(|word| {
        word.strip_prefix(['S', 'R'])
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn descriptions_have_no_links_and_requirement_numbers() {
        let text = "Kept (S37), see [`Paging`]. At most\n(about) 4 KiB (R2, S1).\n\n`None`: none.";
        let cleaned = "Kept, see `Paging`. At most (about) 4 KiB.\n\n`null`: none.";
        assert_eq!(clean(text), cleaned);
    }
}
