// Who uses this browser next does not find the pages of whoever was here before, and is not told what they were told.
globalThis.caches?.delete("diary-pages").catch(() => {});

if (location.hash === "#left") { // signed out by hand; a sign-in that has only run out goes on being told
  navigator.serviceWorker?.getRegistration("/diary/")
    .then((registration) => registration?.pushManager?.getSubscription())
    .then((subscription) => subscription?.unsubscribe())
    .catch(() => {});
}
