"""Where records are kept: one module a store, all behind `core.store.Store`."""
