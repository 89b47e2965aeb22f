import { createPinia } from 'pinia';
import { createApp } from 'vue';

import { createChannel } from './api/client.ts';
import App from './App.vue';
import { channelKey } from './composables/useChannel.ts';
import { createAppRouter } from './router.ts';
import './styles/tokens.css';
import './styles/base.css';

createApp(App)
  .provide(channelKey, createChannel())
  .use(createPinia())
  .use(createAppRouter())
  .mount('#app');
