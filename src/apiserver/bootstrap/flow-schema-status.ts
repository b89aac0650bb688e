import { isReason } from '../../api/errors.ts';
import { FlowSchemas } from '../../api/kinds/flowcontrol/flow-schema.ts';
import type { FlowSchema, FlowSchemaCondition } from '../../api/types/flowcontrol.v1.ts';
import type { Clock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import type { Store } from '../../store/store.ts';
import { timestamp } from '../registry/core.ts';

const SCHEMAS = 'flowschemas.flowcontrol.apiserver.k8s.io/';
const LEVELS = 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io/';

/** Says of each flow schema whether its priority level is there (apiserver pkg/util/flowcontrol/apf_controller.go). Returns what ends it. */
export function reportDangling({ store, clock, client, failed }: { store: Store; clock: Clock; client: Client; failed: (error: unknown) => void }): () => void {
  let running: Promise<void> | undefined;
  let dirty = false;
  let stopped = false;
  const pass = async () => {
    for (const { object } of store.list(SCHEMAS).entries) {
      const schema = object as FlowSchema;
      const level = schema.spec.priorityLevelConfiguration.name;
      const said = danglingCondition(level, store.get(`${LEVELS}/${level}`) !== undefined);
      const before = schema.status?.conditions?.find(({ type }) => type === said.type);
      const same = before !== undefined && before.status === said.status;
      if (stopped || (same && before.message === said.message)) continue;
      const lastTransitionTime = same ? before.lastTransitionTime : timestamp(clock.now());
      await client.patch(FlowSchemas, schema.metadata.name!, { type: 'strategic', body: { status: { conditions: [{ ...said, lastTransitionTime }] } } }, { subresource: 'status', fieldManager: 'api-priority-and-fairness-config-consumer-v1' })
        .catch((error: unknown) => {
          if (!isReason(error, 'NotFound') && !stopped) failed(error);
        });
    }
  };
  const run = () => {
    dirty = true;
    running ??= (async () => {
      await Promise.resolve();
      while (dirty && !stopped) {
        dirty = false;
        await pass();
      }
      running = undefined;
    })();
  };
  const from = store.revision;
  const unwatch = [SCHEMAS, LEVELS].map((prefix) => store.watch(prefix, from, run));
  return () => {
    stopped = true;
    for (const end of unwatch) end();
  };
}

function danglingCondition(level: string, found: boolean): FlowSchemaCondition {
  const about = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
  return found ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${about} and it exists` } : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${about} but there is no such object` };
}
