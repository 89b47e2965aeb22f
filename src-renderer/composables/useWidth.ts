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

/** Columns for so many things where so many fit side by side: rows as full as they can be, of four where three fit two and two. */
export function columnsOf(nItems: number, nFitting: number): number {
  return Math.ceil(nItems / Math.ceil(nItems / nFitting));
}
