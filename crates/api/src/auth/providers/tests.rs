//! Settings of providers that cannot be, and documents of theirs of every shape.

use proptest::prelude::*;

use super::*;

#[test]
fn only_https_is_asked_and_loopback_where_it_is_allowed() {
    let check = |address, loopback, expected| {
        assert_eq!(may_be_asked(address, loopback), expected, "{address}");
    };
    check("https://id.example.cn/realm", false, true);
    check("http://id.example.cn/realm", true, false);
    check("http://127.0.0.1:8080", false, false);
    check("http://127.0.0.1:8080", true, true);
    check("http://[::1]:8080", true, true);
    // A name may lead anywhere, also one that begins like this machine's.
    check("http://localhost:8080", true, false);
    check("http://127.0.0.1.example.cn", true, false);
    check("http://127.0.0.1@example.cn", true, false);
    check("file:///etc/passwd", true, false);
    check("", true, false);
}

#[test]
fn a_provider_is_set_wholly_and_once_and_never_with_a_shared_secret() {
    let set = |algorithms: &[&str], audience: &str| ProviderSettings {
        issuer: "https://id.test".to_owned(),
        audience: audience.to_owned(),
        algorithms: algorithms.iter().map(|&it| it.to_owned()).collect(),
        token_types: access_tokens(),
    };
    let open = |list: &[ProviderSettings]| Providers::new(list, ProviderLimits::default());
    assert!(open(&[set(&["RS256", "EdDSA"], "bank")]).is_ok());
    for wrong in [set(&[], "bank"), set(&["RS256"], "")] {
        assert!(matches!(open(&[wrong]), Err(ProviderError::Incomplete(_))));
    }
    for name in ["HS256", "none", "rs256"] {
        let refused = open(&[set(&[name], "bank")]);
        assert!(
            matches!(refused, Err(ProviderError::Algorithm(_))),
            "{name}"
        );
    }
    let mut untyped = set(&["RS256"], "bank");
    untyped.token_types.clear();
    assert!(matches!(
        open(&[untyped]),
        Err(ProviderError::Incomplete(_))
    ));
    let twice = [set(&["RS256"], "a"), set(&["RS256"], "b")];
    assert!(matches!(open(&twice), Err(ProviderError::Incomplete(_))));
}

#[test]
fn keys_that_do_not_sign_or_are_weak_are_left_out() {
    let n = "A".repeat(342);
    let strong = format!("q{}", &n[1..]);
    let rsa = |n: &str, r#use: &str| serde_json::json!({"kty": "RSA", "kid": "k", "use": r#use, "n": n, "e": "AQAB"});
    assert!(usable(rsa(&strong, "sig")).is_some());
    assert!(usable(rsa(&strong, "enc")).is_none());
    assert!(usable(rsa("qqqq", "sig")).is_none());
    assert!(usable(serde_json::json!({"kty": "oct", "kid": "k", "k": "AQAB"})).is_none());
    assert!(usable(serde_json::json!({"kty": "strange", "kid": "k"})).is_none());
    let nameless = serde_json::json!({"kty": "RSA", "n": strong, "e": "AQAB"});
    assert!(usable(nameless).is_none());
}

/// JSON of any shape, in which the names that a key has stand often.
fn anything() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        proptest::sample::select(vec![
            "RSA",
            "EC",
            "OKP",
            "oct",
            "Ed25519",
            "P-256",
            "P-384",
            "X25519",
            "sig",
            "enc",
            "RS256",
            "EdDSA",
            "none",
            "HS256",
            "AQAB",
            "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        ])
        .prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    word.prop_recursive(4, 64, 8, |inner| {
        let name = prop_oneof![
            proptest::sample::select(vec![
                "kty", "crv", "kid", "use", "alg", "n", "e", "x", "y", "k", "d", "key_ops", "x5c",
                "keys", "issuer", "jwks_uri",
            ])
            .prop_map(str::to_owned),
            ".{0,8}",
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..10)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_a_provider_calls_a_key_is_one_that_signs_or_none(key in anything()) {
        if let Some((kid, _)) = usable(key.clone()) {
            prop_assert_eq!(key["kid"].as_str(), Some(kid.as_str()));
            let kind = key["kty"].as_str().unwrap();
            prop_assert!(["RSA", "EC", "OKP"].contains(&kind), "{}", key);
            prop_assert!(key["use"].is_null() || key["use"] == "sig", "{}", key);
            prop_assert!(kind != "RSA" || rsa_bits(key["n"].as_str().unwrap()) >= 2_048);
        }
    }

    #[test]
    fn whatever_a_provider_answers_is_read_or_refused(bytes in mangled()) {
        let _ = serde_json::from_slice::<Discovery>(&bytes);
        if let Ok(list) = serde_json::from_slice::<KeyList>(&bytes) {
            let keys = list.keys.into_iter().take(KEYS_MAX).filter_map(usable);
            let keys = ProviderKeys(keys.collect());
            prop_assert!(keys.0.len() <= KEYS_MAX);
        }
    }

    #[test]
    fn a_key_with_one_member_changed_is_of_its_own_kind_or_none(
        member in proptest::sample::select(vec!["kty", "crv", "kid", "use", "alg", "x"]),
        value in anything(),
    ) {
        let mut key = serde_json::json!({
            "kty": "OKP", "crv": "Ed25519", "kid": "k", "use": "sig", "alg": "EdDSA",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        });
        key[member] = value;
        if usable(key.clone()).is_some() {
            prop_assert_eq!(&key["kty"], "OKP", "{}", key);
            prop_assert!(key["kid"].is_string());
        }
    }
}

/// Documents as they are, cut off, with a byte changed, deep, and with a member twice.
fn mangled() -> impl Strategy<Value = Vec<u8>> {
    let whole = anything().prop_map(|value| {
        serde_json::json!({ "issuer": "https://id.test", "jwks_uri": "https://id.test/k", "keys": [value] })
            .to_string()
            .into_bytes()
    });
    let changed = (
        whole,
        any::<proptest::sample::Index>(),
        any::<u8>(),
        any::<bool>(),
    );
    let changed = changed.prop_map(|(mut bytes, at, byte, cut)| {
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        bytes
    });
    let deep =
        (1..20_000usize).prop_map(|depth| format!("{{\"keys\":{}", "[".repeat(depth)).into_bytes());
    let twice = anything().prop_map(|value| {
        format!("{{\"keys\":[],\"keys\":[{value}],\"issuer\":1,\"issuer\":\"a\"}}").into_bytes()
    });
    prop_oneof![
        changed,
        deep,
        twice,
        proptest::collection::vec(any::<u8>(), 0..200)
    ]
}
