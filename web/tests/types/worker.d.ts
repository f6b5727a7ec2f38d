// A service worker's own scope: the library knows of workers in general alone.

interface WorkerGlobalScope {
  readonly clients: Clients;
  addEventListener<K extends keyof ServiceWorkerGlobalScopeEventMap>(
    type: K,
    listener: (event: ServiceWorkerGlobalScopeEventMap[K]) => void,
  ): void;
}
