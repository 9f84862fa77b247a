//! The bytes behind a recorded JSON body.
//!
//! A recording keeps a body as JSON, in order but indented like the recording itself. A digest is
//! of bytes, so the ways in which the servers write JSON are tried: without spaces, with spaces
//! after `:` and `,`, and indented by three (schema 1).

/// How JSON is written.
#[derive(Clone, Copy)]
enum JsonStyle {
    Compact,
    Spaced,
    IndentedByThree,
}

/// The body of a recording in every style.
pub(crate) fn body_in_every_style(recording: &str) -> Vec<String> {
    let (_, response) = recording
        .split_once("\n \"response\": ")
        .expect("a recording has a response");
    let (_, body) = response
        .split_once("\n  \"body\": ")
        .expect("a response has a body");
    let mut values = serde_json::Deserializer::from_str(body).into_iter::<serde_json::Value>();
    values
        .next()
        .expect("the body is there")
        .expect("the body is JSON");
    let tokens = tokens(&body[..values.byte_offset()]);
    [
        JsonStyle::Compact,
        JsonStyle::Spaced,
        JsonStyle::IndentedByThree,
    ]
    .map(|style| written(&tokens, style))
    .to_vec()
}

/// Strings, words, and single signs.
fn tokens(json: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = json.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            '{' | '}' | '[' | ']' | ':' | ',' => 1,
            _ => rest
                .find(|c: char| c.is_whitespace() || ",]}".contains(c))
                .unwrap_or(rest.len()),
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}

fn string_length(json: &str) -> usize {
    let mut escaped = false;
    let end = json[1..].find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.expect("a string ends") + 2
}

fn written(tokens: &[&str], style: JsonStyle) -> String {
    let (mut text, mut depth) = (String::new(), 0);
    let line = |text: &mut String, depth: usize| {
        if matches!(style, JsonStyle::IndentedByThree) {
            text.push('\n');
            text.push_str(&"   ".repeat(depth));
        }
    };
    for (place, token) in tokens.iter().enumerate() {
        let opened = place
            .checked_sub(1)
            .is_some_and(|before| matches!(tokens[before], "{" | "["));
        let closes = matches!(*token, "}" | "]");
        if closes {
            depth -= 1;
        }
        if opened != closes {
            line(&mut text, depth);
        }
        text.push_str(token);
        match (*token, style) {
            ("{" | "[", _) => depth += 1,
            (":", JsonStyle::Spaced | JsonStyle::IndentedByThree) | (",", JsonStyle::Spaced) => {
                text.push(' ')
            }
            (",", JsonStyle::IndentedByThree) => line(&mut text, depth),
            _ => {}
        }
    }
    text
}
