// Who signs in next at this browser does not find the pages of whoever was here before.
globalThis.caches?.delete("diary-pages").catch(() => {});
