import { FlowSchemas } from '../../api/kinds/flowcontrol/flow-schema.ts';
import { PriorityLevelConfigurations } from '../../api/kinds/flowcontrol/priority-level-configuration.ts';
import type { FlowSchema, FlowSchemaCondition } from '../../api/types/flowcontrol.v1.ts';
import { rfc3339 } from '../../base/time.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessGone } from '../gone.ts';

/** Says of each FlowSchema whether the priority level that it names is there (apiserver pkg/util/flowcontrol/apf_controller.go; requests here are queued by fair shares of their users, whatever the schemas say). */
export function flowSchemaController(context: ControllerContext): Component {
  const { client, clock, informers } = context;
  const schemas = informers.informer(FlowSchemas);
  const levels = informers.informer(PriorityLevelConfigurations);
  const name = 'flow-schema-controller';

  const reconcile = async (key: string) => {
    const schema = schemas.get('', key);
    if (!schema) return;
    const wanted = dangling(schema, levels.get('', schema.spec.priorityLevelConfiguration.name) !== undefined);
    const known = schema.status?.conditions?.find(({ type }) => type === 'Dangling');
    if (known?.message === wanted.message) return;
    const condition = { ...wanted, lastTransitionTime: (known?.status === wanted.status ? known?.lastTransitionTime : undefined) ?? rfc3339(clock.now()) };
    const others = schema.status?.conditions?.filter(({ type }) => type !== 'Dangling') ?? [];
    await client.patch(FlowSchemas, key, { type: 'merge', body: { status: { conditions: [...others, condition] } } }, { subresource: 'status' }).catch(unlessGone);
  };

  return controllerIn(context, {
    name,
    reconcile,
    setup: (queue) => {
      const add = (schema: FlowSchema) => queue.add(schema.metadata.name ?? '');
      const addAll = () => schemas.list().forEach(add);
      schemas.onChange({ added: add, updated: (_, schema) => add(schema) });
      levels.onChange({ added: addAll, deleted: addAll });
      return [schemas, levels];
    },
  });
}

function dangling({ spec }: FlowSchema, levelExists: boolean): Pick<FlowSchemaCondition, 'type' | 'status' | 'reason' | 'message'> {
  const reference = `This FlowSchema references the PriorityLevelConfiguration object named "${spec.priorityLevelConfiguration.name}"`;
  return levelExists
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${reference} and it exists` }
    : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${reference} but there is no such object` };
}
