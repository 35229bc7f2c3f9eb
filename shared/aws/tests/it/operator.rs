use crate::{access_key_id, home, with_environment};

#[test]
fn a_profile_is_enough() {
    let home = home();
    let variables = [("HOME", home.path().to_str().unwrap())];
    with_environment("operator::a_profile_is_enough", &variables, async || {
        let config = aws::for_operator(None).await.unwrap();
        assert_eq!(config.region().unwrap().as_ref(), "eu-north-1");
        assert_eq!(access_key_id(&config).await.unwrap(), "PROFILE");
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:1"));
    });
}

#[test]
fn variables_win_over_the_profile() {
    let home = home();
    let variables = [
        ("HOME", home.path().to_str().unwrap()),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "OPERATOR"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    with_environment("operator::variables_win_over_the_profile", &variables, async || {
        for endpoint in [None, Some("http://127.0.0.1:8000".to_owned())] {
            let config = aws::for_operator(endpoint).await.unwrap();
            assert_eq!(config.region().unwrap().as_ref(), "eu-central-1");
            assert_eq!(access_key_id(&config).await.unwrap(), "OPERATOR");
        }
    });
}

#[test]
fn an_endpoint_of_its_own_needs_neither() {
    with_environment("operator::an_endpoint_of_its_own_needs_neither", &[("HOME", "/nowhere")], async || {
        let config = aws::for_operator(Some("http://127.0.0.1:8000".to_owned())).await.unwrap();
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:8000"));
        assert_eq!(access_key_id(&config).await.unwrap(), "local");
    });
}
