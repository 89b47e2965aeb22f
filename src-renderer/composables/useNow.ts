import { onScopeDispose, readonly, ref, type Ref } from 'vue';

/** The time, renewed every `intervalMs`, for "3 min ago" and running durations. */
export function useNow(intervalMs = 1000): Readonly<Ref<number>> {
  const now = ref(Date.now());
  const timer = setInterval(() => (now.value = Date.now()), intervalMs);
  onScopeDispose(() => clearInterval(timer));
  return readonly(now);
}
