import { createRouter, createWebHashHistory, type RouteLocationRaw, type Router } from 'vue-router';

import type { StudyKey } from '../src-main/contract/library.ts';
import LibraryPage from './pages/LibraryPage.vue';
import { keyId } from './stores/study-key.ts';

export const studyTabs = ['overview', 'trials', 'analysis', 'model', 'setup'] as const;
export type StudyTab = (typeof studyTabs)[number];

/** Loaded when they are gone to, or the window has nothing else to do: without a connection they could not be had any more. */
const latePages = {
  study: () => import('./pages/StudyPage.vue'),
  newStudy: () => import('./pages/NewStudyPage.vue'),
  compare: () => import('./pages/ComparePage.vue'),
  settings: () => import('./pages/SettingsPage.vue'),
} as const;

/** Hash history: the page is served from a file or a custom protocol as well as over HTTP. */
export function createAppRouter(): Router {
  const router = createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', name: 'library', component: LibraryPage },
      {
        path: `/study/:storageId/:studyId(\\d+)/:tab(${studyTabs.join('|')})?`,
        name: 'study',
        component: latePages.study,
        props: ({ params }) => ({
          storageId: String(params.storageId),
          studyId: Number(params.studyId),
          tab: (params.tab as StudyTab | undefined) || 'overview',
        }),
      },
      {
        path: '/new',
        name: 'new-study',
        component: latePages.newStudy,
      },
      {
        path: '/compare',
        name: 'compare',
        component: latePages.compare,
        props: ({ query }) => ({ studies: [query.study ?? []].flat().map(String) }),
      },
      {
        path: '/settings',
        name: 'settings',
        component: latePages.settings,
      },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  });
  const loadAll = (): void => {
    // One that fails is asked for again when it is gone to.
    for (const load of Object.values(latePages)) load().catch(() => {});
  };
  const loadSoon = (): void => {
    // Safari has no idle time.
    if ('requestIdleCallback' in window) requestIdleCallback(loadAll);
    else setTimeout(loadAll, 1000);
  };
  // A first page that fails is told about where it is gone to.
  router.isReady().then(loadSoon, loadSoon);
  return router;
}

export function studyRoute(key: StudyKey, tab: StudyTab = 'overview'): RouteLocationRaw {
  return { name: 'study', params: { storageId: key.storageId, studyId: key.studyId, tab } };
}

/** Studies by their ids in the address, so that a comparison can be returned to. */
export function compareRoute(keys: readonly StudyKey[]): RouteLocationRaw {
  return { name: 'compare', query: { study: keys.map(keyId) } };
}
