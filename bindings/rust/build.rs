// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//! Links what pkg-config calls qinval and, with the feature `unit`, qinval-unit.
use std::process::Command;

fn main() {
    let mut libraries = vec!["qinval"];
    if std::env::var_os("CARGO_FEATURE_UNIT").is_some() {
        libraries.push("qinval-unit");
    }
    let output = Command::new("pkg-config")
        .arg("--libs")
        .args(&libraries)
        .output()
        .expect("pkg-config cannot be run");
    assert!(
        output.status.success(),
        "pkg-config does not know {libraries:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    for word in String::from_utf8_lossy(&output.stdout).split_whitespace() {
        if let Some(directory) = word.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={directory}");
        } else if let Some(library) = word.strip_prefix("-l") {
            println!("cargo:rustc-link-lib={library}");
        }
    }
    println!("cargo:rerun-if-env-changed=PKG_CONFIG_PATH");
}
