use serde_json::{Value, json};

use super::*;

fn badge(id: &str, code: &str, credits: Option<&str>, result: Option<&Value>) -> Value {
    let mut subject = json!({
        "type": ["AchievementSubject"],
        "achievement": {"id": id, "humanCode": code, "name": format!("课程 {code}"),
            "type": ["Achievement"]},
    });
    if let Some(credits) = credits {
        subject["creditsEarned"] = serde_json::from_str(credits).unwrap();
    }
    if let Some(result) = result {
        subject["result"] = json!([result]);
    }
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "credentialSubject": subject,
        "validFrom": "2024-06-30T00:00:00Z",
    })
}

fn clr(badges: &[Value], associations: &Value) -> Value {
    json!({
        "type": ["VerifiableCredential", "ClrCredential"],
        "credentialSubject": {
            "type": ["ClrSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": true, "identityType": "emailAddress",
                    "identityHash": "sha256$abc"},
                {"type": "IdentityObject", "hashed": false, "identityType": "studentId",
                    "identityHash": "007"},
                {"type": "IdentityObject", "hashed": false, "identityType": "name",
                    "identityHash": "张三"},
            ],
            "verifiableCredential": badges,
            "association": associations,
        },
        "validFrom": "2024-06-30T00:00:00Z",
        "proof": [{"type": "DataIntegrityProof"}],
    })
}

#[test]
fn a_record_s_parts_count_and_the_programme_that_they_make_does_not() {
    let graded = json!({"type": ["Result"], "value": "A", "status": "Completed"});
    let failed = json!({"type": ["Result"], "status": "Failed"});
    let badges = [
        badge("urn:p", "PROG", Some("6"), None),
        badge("urn:a", "C1", Some("3.5"), Some(&graded)),
        badge("urn:b", "C2", Some("2.5"), Some(&failed)),
        badge("urn:c", "C3", None, None),
    ];
    let associations = json!([
        {"associationType": "isChildOf", "sourceId": "urn:a", "targetId": "urn:p"},
        {"associationType": "isParentOf", "sourceId": "urn:p", "targetId": "urn:b"},
    ]);
    let file = TestFile::new(clr(&badges, &associations).to_string());
    let lines = file.read().unwrap();
    let expected = [
        course("C1", "A", "2024-06-30", Some(350)),
        course("C2", "not_passed", "2024-06-30", Some(250)),
        course("C3", "passed", "2024-06-30", None),
    ];
    assert_eq!(courses(&lines), expected);
    let learner = &lines[0].report().unwrap().learner;
    assert_eq!(*learner, named("007", "张三"));
    let result = result_of(&file, &options());
    assert!(result.contains("#0/credentialSubject/verifiableCredential/1"));
    assert!(result.contains("未验证 signed, not verified"));
    assert_comes_back(&file, &options());
}

#[test]
fn badges_come_alone_in_an_array_or_one_a_line() {
    let badges = [
        badge("urn:a", "C1", Some("1"), None),
        badge("urn:b", "C2", None, None),
    ];
    let beside = ReadOptions {
        learner: Some(student("007")),
        ..options()
    };
    let array = TestFile::new(Value::from(badges.to_vec()).to_string());
    let lines = TestFile::new(format!("{}\n{}\n", badges[0], badges[1]));
    let pretty = TestFile::new(serde_json::to_vec_pretty(&badges[0]).unwrap());
    assert_eq!(courses(&array.read_with(&beside).unwrap()).len(), 2);
    let one_a_line = lines.read_with(&beside).unwrap();
    assert_eq!(told(&one_a_line), told(&array.read_with(&beside).unwrap()));
    assert_eq!(courses(&pretty.read_with(&beside).unwrap()).len(), 1);
    assert_eq!(
        array.read().unwrap_err().code,
        "LEARNER_COLUMN_MISSING",
        "a badge that names nobody needs the learner beside it"
    );
}
