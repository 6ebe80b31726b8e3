//! What tells a process to end.

/// Waits for SIGTERM, as orchestrators and service managers send it, or Ctrl-C (SIGINT): the future
/// for [`Serve::until`](crate::Serve::until). Where there is no SIGTERM, Ctrl-C alone.
///
/// A second signal ends the process at once, with the exit code that shells give it (143, 130), also
/// while handlers keep every thread. Once this was polled, signals do nothing else in this process.
///
/// ```no_run
/// # use socket_runtime::*;
/// # async fn run<P: Protocol>(app: axum::Router, sockets: Service<P>) -> std::io::Result<()> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// serve(listener, app).sockets(&sockets).until(shutdown_signal()).await
/// # }
/// ```
///
/// Where signals cannot be had, that is logged, and the future never ends.
pub async fn shutdown_signal() {
    if let Err(error) = signalled().await {
        tracing::error!(%error, "no signals: this process ends only when it is killed");
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn signalled() -> std::io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    use tokio::signal::unix::{SignalKind, signal};

    let second = Arc::new(AtomicBool::new(false));
    for (number, code) in [(SIGTERM, 143), (SIGINT, 130)] {
        // In this order: the first signal finds the flag as it was.
        flag::register_conditional_shutdown(number, code, second.clone())?;
        flag::register(number, second.clone())?;
    }
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM: the server ends"),
        _ = interrupt.recv() => tracing::info!("SIGINT: the server ends"),
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signalled() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await?;
    tracing::info!("Ctrl-C: the server ends");
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            #[allow(clippy::exit, reason = "what a second Ctrl-C asks for")]
            std::process::exit(130);
        }
    });
    Ok(())
}
