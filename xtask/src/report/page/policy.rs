//! The page's content security policy: nothing is fetched, and only the page's own style and script
//! run, which are named by their hashes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The policy of a page with these styles and this script, each the whole content of its element.
pub fn policy(styles: &[&str], script: &str) -> String {
    let styles: Vec<String> = styles.iter().map(|style| source(style)).collect();
    format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        styles.join(" "),
        source(script)
    )
}

fn source(content: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(content.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_and_the_script_are_named_by_their_hashes_and_nothing_else_is_allowed() {
        let policy = policy(&["a"], "b");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        // The hash of `b`.
        assert!(
            policy.contains("script-src 'sha256-PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0='"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}
