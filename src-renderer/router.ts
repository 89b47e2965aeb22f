import { createRouter, createWebHashHistory, type RouteLocationRaw, type Router } from 'vue-router';

import type { StudyKey } from '../src-main/contract/library.ts';
import LibraryPage from './pages/LibraryPage.vue';
import { keyId } from './stores/study-key.ts';

export const studyTabs = ['overview', 'trials', 'analysis', 'model', 'setup'] as const;
export type StudyTab = (typeof studyTabs)[number];

/** Hash history: the page is served from a file or a custom protocol as well as over HTTP. */
export function createAppRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', name: 'library', component: LibraryPage },
      {
        path: `/study/:storageId/:studyId(\\d+)/:tab(${studyTabs.join('|')})?`,
        name: 'study',
        component: () => import('./pages/StudyPage.vue'),
        props: ({ params }) => ({
          storageId: String(params.storageId),
          studyId: Number(params.studyId),
          tab: (params.tab as StudyTab | undefined) || 'overview',
        }),
      },
      {
        path: '/new',
        name: 'new-study',
        component: () => import('./pages/NewStudyPage.vue'),
      },
      {
        path: '/compare',
        name: 'compare',
        component: () => import('./pages/ComparePage.vue'),
        props: ({ query }) => ({ studies: [query.study ?? []].flat().map(String) }),
      },
      {
        path: '/settings',
        name: 'settings',
        component: () => import('./pages/SettingsPage.vue'),
      },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  });
}

export function studyRoute(key: StudyKey, tab: StudyTab = 'overview'): RouteLocationRaw {
  return { name: 'study', params: { storageId: key.storageId, studyId: key.studyId, tab } };
}

/** Studies by their ids in the address, so that a comparison can be returned to. */
export function compareRoute(keys: readonly StudyKey[]): RouteLocationRaw {
  return { name: 'compare', query: { study: keys.map(keyId) } };
}
