import { nextTick, onScopeDispose, ref, watch, type Ref } from 'vue';

/**
 * The height in px that an element has had since `isKept`, at its width now; 0 while it is not kept. As a least height it holds still what lies below
 * an element whose lines break elsewhere with every number in it.
 */
export function useKeptHeight(
  element: Readonly<Ref<HTMLElement | null>>,
  isKept: () => boolean,
): Readonly<Ref<number>> {
  const height = ref(0);
  let width = 0;
  const heightNow = (): number => (isKept() ? (element.value?.offsetHeight ?? 0) : 0);
  const observer = new ResizeObserver(() => {
    const { offsetWidth = 0 } = element.value ?? {};
    if (offsetWidth === width) {
      height.value = Math.max(height.value, heightNow());
      return;
    }
    width = offsetWidth;
    // What it takes at this width shows when nothing holds it.
    height.value = 0;
    void nextTick(() => (height.value = heightNow()));
  });
  watch(
    element,
    (now) => {
      observer.disconnect();
      if (now) observer.observe(now);
    },
    { immediate: true },
  );
  watch(isKept, () => (height.value = heightNow()));
  onScopeDispose(() => observer.disconnect());
  return height;
}
