//! Scripts of the documentation, run as whoever reads it would.

use std::process::{Command, Output};

use tempfile::TempDir;

/// One script, in a file of its own.
pub struct Script {
    program: &'static str,
    directory: TempDir,
    name: &'static str,
}

impl Script {
    /// The first one of a document in this language, `python` or `js`.
    ///
    /// # Panics
    /// If there is none, or it is longer than 45 lines: whoever is to trust it reads it first.
    #[must_use]
    pub fn of(document: &str, language: &str) -> Self {
        let (program, name) = match language {
            "python" => ("python3", "script.py"),
            "js" => ("node", "script.mjs"),
            other => panic!("nobody runs {other} here"),
        };
        let script = document.split(&format!("```{language}\n")).nth(1).expect("a script in that language");
        let script = script.split("```").next().expect("its end");
        assert!(script.lines().count() <= 45, "it stays short");
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join(name), script).expect("a file");
        Self { program, directory, name }
    }

    /// Runs it.
    ///
    /// # Panics
    /// If the program is not there that runs it.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.program);
        command.arg(self.directory.path().join(self.name)).args(arguments);
        output_of(command).await
    }

    /// Runs a program in the same language that is told the file of this one before the arguments, and gives what it prints.
    ///
    /// # Panics
    /// If it fails.
    pub async fn with(&self, program: &str, arguments: &[&str]) -> String {
        let file = self.directory.path().join(format!("with-{}", self.name));
        std::fs::write(&file, program).expect("a file");
        let mut command = Command::new(self.program);
        command.arg(file).arg(self.directory.path().join(self.name)).args(arguments);
        let output = output_of(command).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("it prints text")
    }

    /// Runs it, and gives what it prints.
    ///
    /// # Panics
    /// If it fails.
    pub async fn print(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("it prints text")
    }
}

async fn output_of(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output()).await.expect("it runs").expect("its program is there")
}
