//! The pieces of the schema.

use std::fmt::Display;

use creditbank_domain::amount::Unit;
use creditbank_domain::catalogue::Category;
use creditbank_domain::conversion::{BookedGrade, Rounding};
use creditbank_domain::reason::ReasonCode;
use serde_json::{Map, Value, json};

use crate::document::TestState;
use crate::limits::{
    CODE_MAX, ENTRIES_MAX, GIVES_MAX, MONTHS_MAX, OUTCOMES_MAX, STEPS_MAX, TITLE_MAX,
};
use crate::read::SHAPES;

pub(super) fn all() -> Value {
    let mut all = Map::new();
    for group in [
        values(),
        words(),
        header(),
        conditions(),
        effects(),
        tests(),
    ] {
        if let Value::Object(definitions) = group {
            all.extend(definitions);
        }
    }
    Value::Object(all)
}

fn one_of<T: Display>(words: &[T]) -> Value {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    json!({"enum": words})
}

/// What is an amount in text may be a number in YAML or JSON: its text is read, not its value.
fn values() -> Value {
    json!({
        "code": {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": CODE_MAX},
                {"type": "integer", "minimum": 0}
            ]
        },
        "title": {"type": "string", "minLength": 1, "maxLength": TITLE_MAX},
        "day": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "month_day": {"type": "string", "pattern": "^[0-9]{2}-[0-9]{2}$"},
        "amount": {
            "anyOf": [
                {"type": "string", "pattern": "^[0-9]{1,7}(\\.[0-9]{1,2}0*)?$"},
                {"type": "number", "minimum": 0, "maximum": 1_000_000}
            ]
        },
        "entry": {
            "description": "机构代码/课程代码 OWNER/CODE",
            "type": "string",
            "pattern": "^[^/]+/.+$"
        },
        "grade": {
            "description": "0–100, excellent … fail, A+ … F, passed …",
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "number", "minimum": 0, "maximum": 100}
            ]
        },
        "codes": {"type": "array", "items": {"$ref": "#/$defs/code"}},
        "categories": {"type": "array", "items": {"$ref": "#/$defs/category"}}
    })
}

fn words() -> Value {
    json!({
        "unit": one_of(&Unit::ALL),
        "category": one_of(Category::ALL),
        "reason": one_of(ReasonCode::ALL),
        "books": one_of(BookedGrade::ALL),
        "rounding": one_of(Rounding::ALL),
        "state": one_of(&TestState::ALL)
    })
}

fn header() -> Value {
    json!({
        "approval": {
            "oneOf": [
                group(&["people"], json!({"people": {"type": "integer", "minimum": 2, "maximum": 99}})),
                group(&["committee", "quorum"], json!({
                    "committee": {"$ref": "#/$defs/code"},
                    "quorum": {"type": "integer", "minimum": 2, "maximum": 999}
                }))
            ]
        },
        "scheme": scheme(),
        "course": group(&["code", "title", "credits"], json!({
            "code": {"$ref": "#/$defs/code"},
            "title": {"$ref": "#/$defs/title"},
            "credits": {"$ref": "#/$defs/amount"}
        })),
        "part": group(&["code", "title"], json!({
            "code": {"$ref": "#/$defs/code"},
            "title": {"$ref": "#/$defs/title"},
            "credits": {"$ref": "#/$defs/amount"},
            "replaceable": {"type": "boolean", "default": true},
            "courses": {"$ref": "#/$defs/codes"}
        })),
        "measure": {
            "oneOf": [
                group(&["credits"], json!({"credits": {"$ref": "#/$defs/amount"}})),
                group(&["percent"], json!({"percent": {"$ref": "#/$defs/amount"}}))
            ]
        },
        "cap": cap()
    })
}

/// A scheme by its words, best first, or by its worst and its best number.
fn scheme() -> Value {
    let steps = json!({
        "type": "array",
        "minItems": 2,
        "maxItems": STEPS_MAX,
        "items": {"$ref": "#/$defs/code"}
    });
    let pass = json!({"anyOf": [{"$ref": "#/$defs/code"}, {"$ref": "#/$defs/amount"}]});
    json!({
        "description": "成绩制 A grading scheme as it is registered.",
        "oneOf": [
            group(&["code", "steps", "pass"], json!({
                "code": {"$ref": "#/$defs/code"},
                "steps": steps,
                "pass": pass
            })),
            group(&["code", "worst", "best", "pass"], json!({
                "code": {"$ref": "#/$defs/code"},
                "worst": {"$ref": "#/$defs/amount"},
                "best": {"$ref": "#/$defs/amount"},
                "pass": pass
            }))
        ]
    })
}

fn cap() -> Value {
    let mut cap = group(
        &["code", "shape"],
        json!({
            "code": {"$ref": "#/$defs/code"},
            "shape": one_of(&SHAPES),
            "part": {"$ref": "#/$defs/code"},
            "categories": {"$ref": "#/$defs/categories"},
            "institutions": {"$ref": "#/$defs/codes"},
            "begins": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/month_day"}},
            "most": {"$ref": "#/$defs/measure"},
            "least": {"$ref": "#/$defs/measure"}
        }),
    );
    let shape_is = |shape: &str| json!({"properties": {"shape": {"const": shape}}});
    let rules = json!([
        {
            "if": shape_is("inside"),
            "then": {"required": ["least"], "properties": {"most": false}},
            "else": {"required": ["most"], "properties": {"least": false}}
        },
        {
            "if": shape_is("period"),
            "then": {"required": ["begins"]},
            "else": {"properties": {"begins": false}}
        }
    ]);
    if let Value::Object(fields) = &mut cap {
        fields.insert("allOf".to_owned(), rules);
    }
    cap
}

fn conditions() -> Value {
    let some = json!({"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}});
    let at_least = group(
        &["needed", "of"],
        json!({"needed": {"type": "integer", "minimum": 1, "maximum": 99}, "of": some}),
    );
    json!({
        "condition": {
            "oneOf": [
                {"$ref": "#/$defs/source"},
                group(&["all_of"], json!({"all_of": some})),
                group(&["any_of"], json!({"any_of": some})),
                group(&["at_least"], json!({"at_least": at_least}))
            ]
        },
        "source": {
            "type": "object",
            "additionalProperties": false,
            "anyOf": [{"required": ["entries"]}, {"required": ["categories"]}, {"required": ["issuers"]}],
            "properties": {
                "entries": {"type": "array", "maxItems": ENTRIES_MAX, "items": {"$ref": "#/$defs/entry"}},
                "categories": {"$ref": "#/$defs/categories"},
                "issuers": {"$ref": "#/$defs/codes"},
                "unit": {"$ref": "#/$defs/unit", "default": "credit"},
                "minimum_grade": {"$ref": "#/$defs/grade", "default": "pass"},
                "grading": {"$ref": "#/$defs/code", "description": "最低成绩的成绩制 The scheme that the minimum is of."},
                "level": level("at_least"),
                "earned_within_months": {"type": "integer", "minimum": 1, "maximum": MONTHS_MAX},
                "amount_at_least": {"$ref": "#/$defs/amount"}
            },
            "dependentRequired": {"grading": ["minimum_grade"]}
        }
    })
}

fn level(name: &str) -> Value {
    group(
        &["framework", name],
        json!({
            "framework": {"$ref": "#/$defs/code"},
            name: {"type": "integer", "minimum": 0, "maximum": 100}
        }),
    )
}

fn effects() -> Value {
    json!({
        "rule": group(&["code", "when", "gives"], json!({
            "code": {"$ref": "#/$defs/code"},
            "when": {"$ref": "#/$defs/condition"},
            "gives": {
                "type": "array",
                "minItems": 1,
                "maxItems": GIVES_MAX,
                "items": {"$ref": "#/$defs/effect"}
            }
        })),
        "effect": {
            "description": "整门课程;或 credits;或 ratio 与 rounding. The whole course, or credits, or a ratio.",
            "type": "object",
            "additionalProperties": false,
            "required": ["course"],
            "properties": {
                "course": {"$ref": "#/$defs/code"},
                "credits": {"$ref": "#/$defs/amount"},
                "ratio": {"type": "string", "pattern": "^[0-9]{1,10}/[0-9]{1,10}$"},
                "rounding": {"$ref": "#/$defs/rounding"},
                "books": {"$ref": "#/$defs/books", "default": "as_earned"}
            },
            "not": {"required": ["credits", "ratio"]},
            "dependentRequired": {"ratio": ["rounding"], "rounding": ["ratio"]}
        }
    })
}

fn tests() -> Value {
    json!({
        "test": group(&["name", "given", "expect"], json!({
            "name": {"$ref": "#/$defs/title"},
            "given": group(&["today", "programme_credits", "outcomes"], json!({
                "today": {"$ref": "#/$defs/day"},
                "programme_credits": {"$ref": "#/$defs/amount"},
                "outcomes": {"type": "array", "maxItems": OUTCOMES_MAX, "items": {"$ref": "#/$defs/outcome"}},
                "history": {"type": "array", "items": {"$ref": "#/$defs/grant"}},
                "has": {"$ref": "#/$defs/codes"}
            })),
            "expect": group(&["total"], json!({
                "total": {"$ref": "#/$defs/amount"},
                "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}}
            }))
        })),
        "outcome": group(&["id", "entry", "amount", "awarded_on"], json!({
            "id": {"$ref": "#/$defs/code"},
            "entry": {"$ref": "#/$defs/entry"},
            "issuer": {"$ref": "#/$defs/code"},
            "category": {"$ref": "#/$defs/category", "default": "course"},
            "unit": {"$ref": "#/$defs/unit", "default": "credit"},
            "amount": {"$ref": "#/$defs/amount"},
            "state": {"$ref": "#/$defs/state", "default": "usable"},
            "grade": {"$ref": "#/$defs/grade", "default": "passed"},
            "grading": {"$ref": "#/$defs/code"},
            "level": level("value"),
            "awarded_on": {"$ref": "#/$defs/day"}
        })),
        "grant": group(&["course", "granted"], json!({
            "course": {"$ref": "#/$defs/code"},
            "granted": {"$ref": "#/$defs/amount"},
            "rests_on": {"type": "array", "maxItems": OUTCOMES_MAX, "items": {"$ref": "#/$defs/past"}}
        })),
        "past": group(&["issuer", "awarded_on"], json!({
            "outcome": {"$ref": "#/$defs/code"},
            "category": {"$ref": "#/$defs/category", "default": "course"},
            "issuer": {"$ref": "#/$defs/code"},
            "awarded_on": {"$ref": "#/$defs/day"}
        })),
        "line": group(&["outcome"], json!({
            "outcome": {"$ref": "#/$defs/code"},
            "rule": {"$ref": "#/$defs/code"},
            "course": {"$ref": "#/$defs/code"},
            "granted": {"$ref": "#/$defs/amount"},
            "cut": {"$ref": "#/$defs/reason"},
            "refused": {"$ref": "#/$defs/reason"}
        }))
    })
}

/// Named values, none of another name.
fn group(required: &[&str], properties: Value) -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties
    })
}
