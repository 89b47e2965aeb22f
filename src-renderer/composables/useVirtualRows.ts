import {
  computed,
  onScopeDispose,
  ref,
  toValue,
  watch,
  type ComputedRef,
  type MaybeRefOrGetter,
  type Ref,
} from 'vue';

export interface UseVirtualRowsReturn {
  readonly scrollTop: Ref<number>;
  /** The rows to render: [first, end). */
  readonly first: ComputedRef<number>;
  readonly end: ComputedRef<number>;
  readonly totalHeight: ComputedRef<number>;
  readonly scrollTo: (row: number) => void;
}

/** Which rows of a list of equal heights are in sight. `scroller` is the element that scrolls, `headHeight` what stays on top of it. */
export function useVirtualRows(
  scroller: Readonly<Ref<HTMLElement | null>>,
  nRows: MaybeRefOrGetter<number>,
  rowHeight: number,
  headHeight = 0,
): UseVirtualRowsReturn {
  const OVERSCAN = 6;
  const scrollTop = ref(0);
  const height = ref(0);
  const first = computed(() => Math.max(0, Math.floor(scrollTop.value / rowHeight) - OVERSCAN));
  const end = computed(() =>
    Math.min(toValue(nRows), Math.ceil((scrollTop.value + height.value) / rowHeight) + OVERSCAN),
  );
  const onScroll = (event: Event): void => {
    scrollTop.value = (event.target as HTMLElement).scrollTop;
  };
  const resizes =
    typeof ResizeObserver === 'undefined'
      ? null
      : new ResizeObserver(([entry]) => (height.value = entry?.contentRect.height ?? 0));
  watch(
    scroller,
    (now, before) => {
      before?.removeEventListener('scroll', onScroll);
      resizes?.disconnect();
      now?.addEventListener('scroll', onScroll, { passive: true });
      if (now) resizes?.observe(now);
    },
    { flush: 'post', immediate: true },
  );
  onScopeDispose(() => resizes?.disconnect());

  function scrollTo(row: number): void {
    const element = scroller.value;
    if (!element) return;
    const top = row * rowHeight;
    const room = height.value - headHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + room) element.scrollTop = top + rowHeight - room;
  }

  return {
    scrollTop,
    first,
    end,
    totalHeight: computed(() => toValue(nRows) * rowHeight),
    scrollTo,
  };
}
