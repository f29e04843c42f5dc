//! The published JSON Schema of the format, for editors and for programs that write documents.
//!
//! It says less than [`crate::parse`]: what is known, in which form. Whether a document makes sense
//! as a whole only reading it tells.

mod definitions;

use serde_json::{Value, json};

/// The schema, draft 2020-12.
#[must_use]
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "转换规则文件 rule document",
        "description": "One version of the conversion rules of an institution. Codes may be written without quotes; amounts have at most two decimals.",
        "type": "object",
        "additionalProperties": false,
        "required": ["format", "receiving", "code", "document", "valid_from", "approval", "rules"],
        "properties": {
            "format": {"const": 1},
            "receiving": {"$ref": "#/$defs/code", "description": "接收机构代码 Who grants."},
            "code": {"$ref": "#/$defs/code", "description": "规则集代码 The same over all versions."},
            "programmes": {
                "type": "array",
                "maxItems": crate::limits::PROGRAMMES_MAX,
                "items": {"$ref": "#/$defs/code"},
                "description": "适用专业代码 The programmes it is for; every one where none is named."
            },
            "document": {
                "description": "依据文件 What the rules rest on.",
                "type": "object",
                "additionalProperties": false,
                "required": ["number", "title"],
                "properties": {"number": {"$ref": "#/$defs/code"}, "title": {"$ref": "#/$defs/title"}}
            },
            "valid_from": {"$ref": "#/$defs/day"},
            "valid_to": {"$ref": "#/$defs/day"},
            "approval": {"$ref": "#/$defs/approval"},
            "source": {"type": "string", "maxLength": crate::limits::NOTE_MAX, "description": "来源说明 Where the figures come from."},
            "example": {"type": "boolean", "description": "示例 True where figures are second-hand."},
            "schemes": {"type": "array", "maxItems": crate::limits::SCHEMES_MAX, "items": {"$ref": "#/$defs/scheme"}},
            "courses": {"type": "array", "items": {"$ref": "#/$defs/course"}},
            "parts": {"type": "array", "maxItems": crate::limits::PARTS_MAX, "items": {"$ref": "#/$defs/part"}},
            "caps": {"type": "array", "maxItems": crate::limits::CAPS_MAX, "items": {"$ref": "#/$defs/cap"}},
            "rules": {"type": "array", "minItems": 1, "maxItems": crate::limits::RULES_MAX, "items": {"$ref": "#/$defs/rule"}},
            "tests": {"type": "array", "maxItems": crate::limits::TESTS_MAX, "items": {"$ref": "#/$defs/test"}}
        },
        "$defs": definitions::all()
    })
}
