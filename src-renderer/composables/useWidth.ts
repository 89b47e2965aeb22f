import { onBeforeUnmount, onMounted, readonly, ref, type Ref } from 'vue';

/** How wide an element is, in pixels; 0 until it is there. */
export function useWidth(element: Readonly<Ref<HTMLElement | null>>): Readonly<Ref<number>> {
  const width = ref(0);
  const observer = new ResizeObserver(([entry]) => {
    if (entry) width.value = entry.contentRect.width;
  });
  onMounted(() => element.value && observer.observe(element.value));
  onBeforeUnmount(() => observer.disconnect());
  return readonly(width);
}
